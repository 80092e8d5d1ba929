import { expect, test } from 'vitest';
import { useScriptedConsoles } from '../../tests/fakes/scripted-consoles.ts';
import { settle } from '../../tests/fakes/scripted-relay.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const { signedIn, signedInWithOutbox } = useScriptedConsoles();

test('SYNC-O6 a console that runs for weeks forgets what was settled a month ago, and keeps what was not', async () => {
  const { relay, console, database } = await signedInWithOutbox();
  const { commandId } = await console.request('note.add', { conversationId: 'k1', text: 'xong rồi' });
  await settle();
  await relay.commit(commandId);
  const { commandId: waiting } = await console.request('note.add', { conversationId: 'k2', text: 'còn chờ' });
  const refused = await console.request('note.add', { conversationId: 'k3', text: 'bị từ chối' });
  await settle();
  relay.link.refuse(refused.commandId, { kind: 'forbidden' });
  await settle();
  const kept = () => database.prepare('SELECT id FROM command ORDER BY n').pluck().all();
  const attention = () => database.prepare('SELECT commandId FROM attention').pluck().all();
  expect([kept(), attention()]).toEqual([[commandId, waiting], [refused.commandId]]);
  // A clock that only says so, with no relay to agree, makes it forget nothing.
  relay.clock.jumpTo(relay.clock.now() + 31 * DAY_MS);
  relay.clock.advance(61 * 60_000);
  await settle();
  expect(kept()).toEqual([commandId, waiting]);

  relay.clock.advance(58 * 60_000 + 50_000);
  await settle();
  await relay.reset({ serverNow: relay.clock.now() });
  relay.clock.advance(12_000);
  await settle();
  expect([kept(), attention()]).toEqual([[waiting], [refused.commandId]]);
});

test('of what came while it was away an agent hears the newest message of each conversation, live of every one', async () => {
  const { relay, console } = await signedIn();
  relay.link.break();
  relay.world.now = relay.clock.now();
  for (const text of ['một', 'hai', 'ba']) relay.customerWrites('k1', text);
  relay.customerWrites('k2', 'alo');
  await relay.advance(2000);
  await relay.tail();
  const texts = () => console.pushes('arrived').map(({ text }) => text);
  expect(texts()).toEqual(['ba', 'alo']);
  const before = relay.world.seq;
  for (const text of ['bốn', 'năm']) relay.customerWrites('k1', text);
  relay.link.frame(before, relay.world.seq, { events: relay.eventsAfter(before) });
  await settle();
  expect(texts()).toEqual(['ba', 'alo', 'bốn', 'năm']);
});

test('SYNC-T1 a file that nobody needs is forgotten after a day, also where this machine’s clock is years ahead', async () => {
  const { relay, console, database } = await signedInWithOutbox();
  const relayNow = relay.clock.now() - 3650 * DAY_MS;
  relay.link.say('tick', { head: relay.world.seq, serverNow: relayNow });
  const { uploadId } = await console.request('file.begin', { name: 'a.txt', size: 3 });
  await console.request('file.append', { uploadId, offset: 0, content: Buffer.from('abc').toString('base64') });
  await console.request('file.finish', { uploadId });
  const files = () => database.prepare('SELECT count(*) FROM file').pluck().get();
  expect(files()).toBe(1);
  relay.clock.advance(59 * 60_000 + 50_000);
  await settle();
  await relay.reset({ serverNow: relayNow + 2 * DAY_MS });
  relay.clock.advance(12_000);
  await settle();
  expect(files()).toBe(0);
});
