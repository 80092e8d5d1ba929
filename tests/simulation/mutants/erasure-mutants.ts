import type { Mutant } from './mutant.ts';

/** Bugs of erasure: something of an erased customer stays. */
export const erasureMutants: readonly Mutant[] = [
  {
    name: 'erased-but-in-the-log',
    rule: 'SYNC-L7',
    why: 'the events of what was erased keep their texts',
    file: 'src-relay/event-log/erase-subject.ts',
    find: '    records.redactEvents(one, redacted);\n',
    replace: '',
    seed: 2,
  },
  {
    name: 'erased-but-in-the-outbox',
    rule: 'SYNC-L7',
    why: 'a console keeps commands that are done of what was erased',
    file: 'src-main/core/erased-subjects.ts',
    find: 'const files = outbox.commands.forgetErased(erased, error, relayNow());',
    replace: 'const files: string[] = [];',
    seed: 2,
  },
  {
    name: 'erasure-not-told',
    rule: 'SYNC-L7',
    why: 'a console that was away does not hear of an erasure',
    file: 'shared/domain/erasure/erasure.ts',
    find: 'isHeld: () => true,',
    replace: 'isHeld: () => false,',
    seed: 2,
  },
];
