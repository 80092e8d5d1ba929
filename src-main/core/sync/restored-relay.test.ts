import { expect, test } from 'vitest';
import { furnish, receive as receiveMessage, sentTexts } from '../../../tests/fakes/desk-writes.ts';
import type { LinkedCore } from '../../../tests/fakes/linked-core.ts';
import { useLinkedCores } from '../../../tests/fakes/linked-cores.ts';
import { type RestorableRig, openRestorableRig } from '../../../tests/fakes/restorable-rig.ts';

const { openCore, kill, atEnd } = useLinkedCores();

async function openRig(): Promise<RestorableRig> {
  const rig = await openRestorableRig();
  atEnd(() => rig.close());
  await furnish(rig, ['lan', 'minh', 'hoa']);
  return rig;
}

const receive = (rig: RestorableRig, customerId: string, text: string) => receiveMessage(rig, { customerId, text });

async function reply(core: LinkedCore, conversationId: string, text: string): Promise<void> {
  await core.request('message.send', { conversationId, text });
  await core.pass(2000);
}

async function attentionOf(core: LinkedCore): Promise<(string | null)[]> {
  return (await core.request('attention.list')).items.map(({ text }) => text);
}

test('SYNC-O6 what a restored relay lost comes back to its agent, also when others worked there before', async () => {
  const rig = await openRig();
  const conversationId = await receive(rig, 'an', 'alo');
  const lan = await openCore(rig, 'lan');
  await reply(lan, conversationId, 'trước bản sao');
  const backup = rig.backUp();
  await reply(lan, conversationId, 'một');
  await reply(lan, conversationId, 'hai');
  expect((await lan.request('outbox.list')).entries).toEqual([]);
  const headBefore = rig.eventLog.head();

  lan.cut();
  await rig.restore(backup, false);
  for (let index = 0; index < 6; index += 1) await receive(rig, `khách ${index}`, 'alo');
  expect(rig.eventLog.head()).toBeGreaterThan(headBefore);
  lan.reconnect();
  await lan.pass(40_000);
  expect(await lan.request('sync.status')).toMatchObject({ state: 'online', cursor: rig.eventLog.head() });
  expect(await attentionOf(lan)).toEqual(['một', 'hai']);
  expect(await sentTexts(rig)).toEqual(['trước bản sao']);

  // Once: neither the next connection nor the next start offers it again.
  for (const { commandId } of (await lan.request('attention.list')).items) {
    await lan.request('attention.resolve', { commandId, action: 'discard' });
  }
  lan.cut();
  lan.reconnect();
  await lan.pass(40_000);
  const again = await kill(lan);
  await again.pass(5000);
  expect(await attentionOf(again)).toEqual([]);
});

test('SYNC-L3 SYNC-O6 an old file put back by hand under three consoles: a new lineage, all agree, only what is lost is offered', async () => {
  const rig = await openRig();
  const conversationId = await receive(rig, 'an', 'alo');
  const [lan, minh, hoa] = [await openCore(rig, 'lan'), await openCore(rig, 'minh'), await openCore(rig, 'hoa')];
  await reply(lan, conversationId, 'trước bản sao');
  await hoa.pass(1000);
  hoa.cut();
  const backup = rig.backUp();
  const { epoch } = rig.eventLog;
  for (let index = 0; index < 4; index += 1) await reply(lan, conversationId, `lan ${index}`);
  await reply(minh, conversationId, 'minh');
  for (const core of [lan, minh]) core.cut();
  await rig.restore(backup, true);

  // The first to come back knows nothing that the old file does not, and works in it.
  hoa.reconnect();
  await hoa.pass(40_000);
  await reply(hoa, conversationId, 'hoa');
  expect(rig.eventLog.epoch).toBe(epoch);
  for (const core of [lan, minh]) core.reconnect();
  await lan.pass(90_000);
  expect(rig.eventLog.epoch).not.toBe(epoch);
  for (const core of [lan, minh, hoa]) {
    expect(core.mistakes).toEqual([]);
    expect(await core.request('sync.status')).toMatchObject({ state: 'online', cursor: rig.eventLog.head() });
    const { messages } = await core.request('message.list', { conversationId });
    const texts = messages.filter(({ state }) => state !== 'refused').map(({ text }) => text);
    expect(texts).toEqual(['alo', 'trước bản sao', 'hoa']);
  }
  expect(await attentionOf(lan)).toEqual(['lan 0', 'lan 1', 'lan 2', 'lan 3']);
  expect(await attentionOf(minh)).toEqual(['minh']);
  // Beyond what the two histories share, and in the log all the same.
  expect(await attentionOf(hoa)).toEqual([]);
  expect(await sentTexts(rig)).toEqual(['trước bản sao', 'hoa']);
});

test('SYNC-O6 two restores, of which a console saw none, take it back to the earlier of the two', async () => {
  const rig = await openRig();
  const conversationId = await receive(rig, 'an', 'alo');
  const lan = await openCore(rig, 'lan');
  const early = rig.backUp();
  await reply(lan, conversationId, 'sau bản sao đầu');
  const late = rig.backUp();
  await reply(lan, conversationId, 'sau bản sao cuối');
  lan.cut();
  await rig.restore(late, false);
  await rig.restore(early, false);
  for (let index = 0; index < 9; index += 1) await receive(rig, `khách ${index}`, 'alo');
  lan.reconnect();
  await lan.pass(40_000);
  expect(await attentionOf(lan)).toEqual(['sau bản sao đầu', 'sau bản sao cuối']);
});

test('SYNC-L3 what a customer writes to a restored relay is unread, also where more had been seen before', async () => {
  const rig = await openRig();
  const conversationId = await receive(rig, 'an', 'alo');
  const lan = await openCore(rig, 'lan');
  const backup = rig.backUp();
  for (let index = 0; index < 5; index += 1) {
    await receiveMessage(rig, { customerId: 'an', conversationId, text: `mất ${index}` });
  }
  await lan.pass(1000);
  await lan.request('conversation.markSeen', { conversationId });
  const isUnread = async (core: LinkedCore) => (await core.request('conversation.get', { conversationId })).isUnread;
  expect(await isUnread(lan)).toBe(false);

  lan.cut();
  await rig.restore(backup, false);
  lan.reconnect();
  await lan.pass(40_000);
  // What is there was seen.
  expect(await isUnread(lan)).toBe(false);
  await receiveMessage(rig, { customerId: 'an', conversationId, text: 'có ai không?' });
  await lan.pass(1000);
  expect(await isUnread(lan)).toBe(true);
  expect(await isUnread(await kill(lan))).toBe(true);
});
