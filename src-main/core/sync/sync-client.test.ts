import { afterEach, expect, test } from 'vitest';
import { removeFolders } from '../../../tests/fakes/console-process.ts';
import { type HubRig, openHubRig } from '../../../tests/fakes/hub-rig.ts';
import { LinkedCore } from '../../../tests/fakes/linked-core.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  removeFolders();
});

async function openRig(): Promise<HubRig> {
  const rig = await openHubRig();
  closers.push(() => rig.close());
  const queue = { name: 'sales', reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null };
  await rig.submit('queue.put', { id: 'sales', fields: queue });
  const channel = { kind: 'web-chat', name: 'web', queueId: 'sales', maxTextLength: 4000 };
  await rig.submit('channel.put', { id: 'web', fields: channel });
  await putAgent(rig, 'lan', ['sales']);
  return rig;
}

async function putAgent(rig: HubRig, id: string, queueIds: string[]): Promise<void> {
  const fields = { name: id, email: `${id}@example.org`, role: 'agent', queueIds, languages: ['vi'], isActive: true };
  await rig.submit('agent.put', { id, fields });
}

async function openCore(rig: HubRig, options: Parameters<typeof LinkedCore.open>[2] = {}): Promise<LinkedCore> {
  const core = await LinkedCore.open(rig, 'lan', options);
  closers.push(() => core.close());
  await core.pass(1000);
  return core;
}

/** A customer's message. @returns the conversation it went into */
async function receive(rig: HubRig, customerId: string, text: string, conversationId: string | null = null) {
  const result = await rig.submit('message.receive', {
    channelId: 'web',
    customer: {
      id: customerId,
      identity: { channelId: 'web', externalId: customerId, isVerified: false },
      profile: { name: customerId },
    },
    conversationId,
    newConversationId: rig.newId(),
    messageId: rig.newId(),
    text,
    writtenAt: rig.clock.now(),
  });
  if (!result.ok) throw new Error(result.error.message);
  return (result.output as { conversationId: string }).conversationId;
}

async function sentTexts(rig: HubRig): Promise<string[]> {
  const events = await rig.eventLog.readEvents(0, 10_000);
  return events
    .flatMap(({ changes }) => changes)
    .filter(({ type }) => type === 'message-sent')
    .map(({ data }) => (data as { text: string }).text);
}

async function stateOf(core: LinkedCore): Promise<string> {
  return (await core.request('sync.status')).state;
}

test('SYNC-S1 SYNC-O2 after a short cut a console that holds more than the default sends what waits, at once', async () => {
  const rig = await openRig();
  const old = await receive(rig, 'hoa', 'năm ngoái');
  await rig.submit('conversation.close', { conversationIds: [old] }, { customerSeqs: { [old]: rig.eventLog.head() } });
  rig.clock.jumpTo(rig.clock.now() + 60 * DAY_MS);
  const open = await receive(rig, 'mai', 'alo');
  const core = await openCore(rig);
  // Fetched by hand: from now on it is held beyond the default, so that the next hello needs the ids.
  await core.request('conversation.get', { conversationId: old });
  expect(await stateOf(core)).toBe('online');

  core.cut();
  await core.pass(2000);
  await core.request('message.send', { conversationId: open, text: 'dạ có em' });
  core.reconnect();
  await core.pass(10_000);
  expect(core.heard.filter(({ name }) => name === 'welcome').at(-1)?.message).toMatchObject({ needHeld: true });
  expect(await sentTexts(rig)).toEqual(['dạ có em']);
  expect((await core.request('outbox.list')).entries).toEqual([]);
});
