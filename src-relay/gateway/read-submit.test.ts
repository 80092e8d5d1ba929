import { expect, test } from 'vitest';
import { toRelay } from '../../shared/relay-protocol/to-relay.ts';
import { readSubmit } from './read-submit.ts';
import { fc } from '../../tests/fakes/properties.ts';

const id = fc.uuid();
const oneOff = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 'x', 0, -1, 1.5, true, [], {}, '0199C000-0000-7000-8000-000000000000'),
  fc.string({ maxLength: 100 }),
  fc.double(),
  fc.jsonValue(),
);
/** Mostly as it should be. */
const mostly = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 40, arbitrary }, { weight: 1, arbitrary: oneOff });

const subject = fc.oneof(
  id.map((one) => `conversation:${one}`),
  fc.constantFrom('conversation:a', 'queue:q_1'),
);
const otherSubject = fc.constantFrom(
  'Conversation:a',
  'conversation:',
  ':a',
  'a',
  `queue:${'x'.repeat(65)}`,
  'queue:đ',
);
/** What the schema leaves out. */
const more = fc.constantFrom(undefined, undefined, undefined, undefined, undefined, undefined, undefined, 1);
const command = fc.record(
  {
    id: mostly(id),
    n: mostly(fc.integer({ min: 1, max: 1000 })),
    type: mostly(fc.constantFrom('note.add', 'message.send', 'x'.repeat(80))),
    v: mostly(fc.constantFrom(1, 2)),
    subjects: mostly(
      fc.array(fc.oneof({ weight: 20, arbitrary: subject }, otherSubject), { minLength: 1, maxLength: 3 }),
    ),
    args: mostly(fc.dictionary(fc.string(), fc.jsonValue())),
    base: mostly(fc.dictionary(fc.string(), fc.jsonValue())),
    after: mostly(fc.option(id)),
    clientAt: mostly(fc.integer()),
    more,
  },
  { requiredKeys: ['id', 'n', 'type', 'v', 'subjects', 'args', 'after', 'clientAt'] },
);
const submission = fc.record(
  { command: mostly(command), isDelayed: mostly(fc.boolean()), more },
  { requiredKeys: ['command', 'isDelayed'] },
);
const message = fc.record(
  {
    session: mostly(id),
    submissions: mostly(fc.array(mostly(submission), { minLength: 1, maxLength: 3 })),
    ackedN: mostly(fc.nat()),
    more,
  },
  { requiredKeys: ['session', 'submissions', 'ackedN'] },
);

test('what is recognised at once is what the schema takes, unchanged', () => {
  let recognised = 0;
  fc.assert(
    fc.property(mostly(message), (said) => {
      // As it comes over the line.
      const heard: unknown = said === undefined ? undefined : JSON.parse(JSON.stringify(said));
      const read = readSubmit(heard);
      if (read === null) return;
      recognised += 1;
      expect(read).toBe(heard);
      expect(toRelay.submit.parse(heard)).toStrictEqual(heard);
    }),
    { numRuns: 3000 },
  );
  expect(recognised).toBeGreaterThan(100);
});

test('what consoles send is recognised', () => {
  const made = {
    ...{ session: '0199c000-0000-7000-8000-000000000000', ackedN: 0 },
    submissions: [
      {
        command: {
          ...{ id: '0199c000-0000-7000-8000-000000000001', n: 1, type: 'note.add', v: 1, after: null, clientAt: 1.5 },
          subjects: ['conversation:0199c000-0000-7000-8000-000000000002'],
          args: { text: 'Dạ' },
        },
        isDelayed: false,
      },
    ],
  };
  expect(readSubmit(made)).toBe(made);
  expect(readSubmit({ ...made, submissions: [] })).toBeNull();
  expect(readSubmit({ ...made, submissions: Array.from({ length: 65 }, () => made.submissions[0]) })).toBeNull();
});
