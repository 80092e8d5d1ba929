import { expect, test } from 'vitest';
import { makeErrorBody } from '../../../shared/errors.ts';
import { send, stateOf, useScriptedConsoles } from '../../../tests/fakes/scripted-consoles.ts';
import { type ScriptedRelay, settle } from '../../../tests/fakes/scripted-relay.ts';
import type { TestConsole } from '../../../tests/fakes/console-process.ts';

const { signedIn } = useScriptedConsoles();

const OTHER_EPOCH = '0190a8f0-0000-7000-8000-0000000000ff';

/** A console whose acknowledged command may be lost: the relay was restored, and is asked for it. */
async function askedWhatIsLost(): Promise<{
  relay: ScriptedRelay;
  console: TestConsole;
  commandId: string;
  seq: number;
}> {
  const { relay, console } = await signedIn();
  const commandId = await send(console, 'k1');
  const seq = await relay.commit(commandId);
  relay.link.break();
  await relay.advance(1000);
  relay.link.open();
  await settle();
  const { epoch } = relay.link.hello;
  const lineages = [
    { epoch: epoch!, since: 0 },
    { epoch: OTHER_EPOCH, since: seq - 1 },
  ];
  relay.link.welcome({
    protocol: 2,
    epoch: OTHER_EPOCH,
    lineages,
    head: seq,
    mode: 'reset',
    serverNow: relay.clock.now(),
  });
  await settle();
  return { relay, console, commandId, seq };
}

const tooMany = (retryAfterMs: number) => ({
  ok: false as const,
  error: makeErrorBody('rate_limited', 'relay', 'Too many requests at once.', { retryAfterMs, reason: 'too-many' }),
});

async function attentionOf(console: TestConsole): Promise<unknown[]> {
  return (await console.request('attention.list')).items;
}

test('SYNC-O6 a relay that is asked too much is asked again when it says: nothing is taken for lost meanwhile', async () => {
  const { relay, console, commandId, seq } = await askedWhatIsLost();
  const [first] = relay.link.all('lookUp');
  expect(first).toMatchObject({ commandIds: [commandId] });
  relay.link.say('lookedUp', { id: first!.id, answer: tooMany(3000) });
  await relay.advance(2500);
  expect(relay.link.all('lookUp')).toHaveLength(1);
  expect(await attentionOf(console)).toEqual([]);
  await relay.advance(1000);
  const [, again] = relay.link.all('lookUp');
  expect(again).toMatchObject({ commandIds: [commandId] });
  relay.link.say('lookedUp', { id: again!.id, answer: { ok: true, results: [{ id: commandId, ok: true, seq }] } });
  const subjects = relay.subjects();
  relay.link.say('page', { page: 0, startSeq: seq, subjects, totalSubjects: subjects.length, isLast: true });
  relay.link.frame(seq, seq, { isCatchUp: true });
  await settle();
  expect([await stateOf(console), await attentionOf(console)]).toEqual(['online', []]);
});

test('SYNC-O6 a session that ends while it waits to ask again leaves the question to the next one', async () => {
  const { relay, console, commandId } = await askedWhatIsLost();
  relay.link.say('lookedUp', { id: relay.link.all('lookUp')[0]!.id, answer: tooMany(30_000) });
  await settle();
  relay.link.break();
  await relay.advance(2000);
  expect(await attentionOf(console)).toEqual([]);
  relay.link.open();
  await settle();
  const lineages = [{ epoch: OTHER_EPOCH, since: 0 }];
  relay.link.welcome({ protocol: 2, epoch: OTHER_EPOCH, lineages, mode: 'reset', serverNow: relay.clock.now() });
  await settle();
  const [asked] = relay.link.all('lookUp');
  expect(asked).toMatchObject({ commandIds: [commandId] });
  relay.link.say('lookedUp', { id: asked!.id, answer: { ok: true, results: [] } });
  await settle();
  expect(await attentionOf(console)).toMatchObject([{ commandId }]);
});
