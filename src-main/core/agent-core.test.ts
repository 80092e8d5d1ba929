import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type TestConsole, makeFolder, openConsole, removeFolders, until } from '../../tests/fakes/console-process.ts';
import { type TestAgent, type TestRelay, startRelay } from '../../tests/fakes/start-relay.ts';

// Real files and sockets, on a machine that may be busy with something else.
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  removeFolders();
});

async function relayWithAgent(options: { dataFolder?: string; port?: number } = {}) {
  const relay = await startRelay(options);
  closers.push(() => relay.stop());
  await relay.putQueue('sales');
  await relay.putChannel('web', 'sales');
  const agent = await relay.addAgent('lan', { queueIds: ['sales'] });
  return { relay, agent };
}

async function consoleOf(relay: TestRelay, agent: TestAgent, dataDir?: string): Promise<TestConsole> {
  const signIn = { relayUrl: relay.url, email: agent.email, password: agent.password };
  const opened = await openConsole({ signIn, ...(dataDir === undefined ? {} : { dataDir }) });
  closers.push(() => opened.close());
  return opened;
}

async function isOnline(console: TestConsole): Promise<boolean> {
  return (await console.request('sync.status')).state === 'online';
}

function texts(list: { messages: { kind: string; text: string }[] }): string[] {
  return list.messages.filter(({ kind }) => kind !== 'system').map(({ text }) => text);
}

test('signs in, shows what a customer wrote, and the answer reaches the log once', async () => {
  const { relay, agent } = await relayWithAgent();
  const { conversationId } = await relay.receive({
    channelId: 'web',
    customerId: 'hoa',
    text: 'Đơn hàng của tôi đâu?',
  });
  const console = await consoleOf(relay, agent);

  const list = await console.request('conversation.list', { filter: { view: 'unassigned' } });
  expect(list).toMatchObject({ total: 1, items: [{ id: conversationId, customer: { name: 'hoa' }, isUnread: true }] });

  const sent = await console.request('message.send', { conversationId, text: 'Dạ em kiểm tra ngay.' });
  const pending = (await console.request('message.list', { conversationId })).messages.at(-1);
  expect(pending).toMatchObject({ id: sent.messageId, text: 'Dạ em kiểm tra ngay.' });

  await until('it is confirmed', async () => {
    const { messages } = await console.request('message.list', { conversationId });
    return messages.at(-1)?.isPending === false && (await console.request('outbox.list')).entries.length === 0;
  });
  const events = (await relay.eventLog.readEvents(0, 1000)).filter(({ commandId }) => commandId === sent.commandId);
  expect(events).toHaveLength(1);
  // The same command again answers as the first time, and does nothing.
  const again = await console.request('message.send', { conversationId, text: 'Khác', ...sent });
  expect(again).toEqual(sent);
  expect(await console.request('conversation.counts')).toMatchObject({ mine: 1, unassigned: 0, mineUnread: 0 });
});

test('ROW-H1 an offline day: written without a relay, over a restart, then out once and in order', async () => {
  const dataFolder = makeFolder('liendesk-relay-');
  const first = await relayWithAgent({ dataFolder });
  const port = Number(new URL(first.relay.url).port);
  const conversations: string[] = [];
  for (const customerId of ['an', 'binh', 'chi']) {
    const { conversationId } = await first.relay.receive({
      channelId: 'web',
      customerId,
      text: `xin chào, ${customerId}`,
    });
    conversations.push(conversationId);
  }
  const online = await consoleOf(first.relay, first.agent);
  await until('it is online', () => isOnline(online));
  await first.relay.stop();
  closers.shift();
  await until('it noticed', async () => (await online.request('sync.status')).state !== 'online');

  const [one, two, three] = conversations as [string, string, string];
  expect(texts(await online.request('message.list', { conversationId: two }))).toEqual(['xin chào, binh']);
  expect((await online.request('search.run', { text: 'xin chao' })).hits).toHaveLength(3);
  for (const [index, conversationId] of [one, two, three, one, two, three].entries()) {
    await online.request('message.send', { conversationId, text: `trả lời ${index}` });
  }
  await online.request('conversation.assign', { conversationIds: [two], agentId: 'lan' });
  await online.request('note.add', { conversationId: three, text: 'khách quen' });
  await online.request('draft.save', { conversationId: one, kind: 'reply', text: 'còn d', caret: 5, attachments: [] });
  await online.request('setting.set', { key: 'ui.tabs', value: [one, three] });
  await online.close();

  const offline = await consoleOf(first.relay, first.agent, online.dataDir);
  expect((await offline.request('session.current')).agent?.id).toBe('lan');
  const { entries } = await offline.request('outbox.list');
  expect(entries.map(({ type, state }) => [type, state])).toEqual([
    ...Array.from({ length: 6 }, () => ['message.send', 'waiting']),
    ['conversation.assign', 'waiting'],
    ['note.add', 'waiting'],
  ]);
  const waiting = (await offline.request('message.list', { conversationId: one })).messages.slice(1);
  expect(waiting.map(({ text, state, isPending }) => [text, state, isPending])).toEqual([
    ['trả lời 0', 'waiting', true],
    ['trả lời 3', 'waiting', true],
  ]);
  expect((await offline.request('conversation.get', { conversationId: two })).assignee?.id).toBe('lan');
  expect((await offline.request('search.run', { text: 'tra loi' })).hits).toHaveLength(6);
  expect((await offline.request('draft.get', { conversationId: one })).reply?.text).toBe('còn d');
  expect((await offline.request('setting.get', { key: 'ui.tabs' })).value).toEqual([one, three]);

  const again = await startRelay({ dataFolder, port });
  closers.push(() => again.stop());
  await until('everything went out', async () => (await offline.request('outbox.list')).entries.length === 0);
  const log = await again.eventLog.readEvents(0, 1000);
  const sent = log.flatMap(({ changes }) => changes).filter(({ type }) => type === 'message-sent');
  expect(sent).toHaveLength(6);
  for (const [index, conversationId] of conversations.entries()) {
    const own = sent.filter(({ subject }) => subject === `conversation:${conversationId}`);
    expect(own.map(({ data }) => (data as { text: string }).text)).toEqual([
      `trả lời ${index}`,
      `trả lời ${index + 3}`,
    ]);
  }
  expect(log.flatMap(({ changes }) => changes).filter(({ type }) => type === 'note-added')).toHaveLength(1);
  expect((await offline.request('attention.list')).items).toEqual([]);
});

const damages: [string, (file: string) => void][] = [
  ['truncated', (file) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2 / 4096) * 4096)],
  ['overwritten with noise', (file) => fs.writeFileSync(file, Buffer.alloc(200_000, 'noise'))],
  [
    'damaged in its middle',
    (file) => {
      const content = fs.readFileSync(file);
      for (let offset = 4096; offset < content.length; offset += 1024) content[offset] = content[offset]! ^ 0xff;
      fs.writeFileSync(file, content);
    },
  ],
  ['encrypted with another key', (file) => fs.copyFileSync(path.join(path.dirname(file), 'outbox.db'), file)],
];

test.each(damages)(
  'SYNC-F2 a cache that is %s: starts, says so once, fetches again, keeps the outbox',
  async (_what, damage) => {
    const { relay, agent } = await relayWithAgent();
    const { conversationId } = await relay.receive({ channelId: 'web', customerId: 'hoa', text: 'alo' });
    const before = await consoleOf(relay, agent);
    await until('it is online', () => isOnline(before));
    await before.request('sync.setOnline', { isOnline: false });
    await before.request('message.send', { conversationId, text: 'chưa gửi' });
    await before.request('note.add', { conversationId, text: 'ghi chú' });
    await before.close();
    const [account] = fs.readdirSync(path.join(before.dataDir, 'accounts'));
    damage(path.join(before.dataDir, 'accounts', account!, 'cache.db'));

    const after = await consoleOf(relay, agent, before.dataDir);
    const notice = await until('it says so', async () => {
      // What is damaged in the middle is found by whoever reads there.
      await after.request('conversation.list', { filter: { view: 'open' } }).catch(() => undefined);
      await after.request('search.run', { text: 'alo' }).catch(() => undefined);
      return (await after.request('sync.status')).notice;
    });
    expect(notice.reason).toBe('cache-rebuilt');
    await until('it is whole again', async () => {
      const { entries } = await after.request('outbox.list');
      return entries.length === 0 && (await isOnline(after));
    });
    expect(texts(await after.request('message.list', { conversationId }))).toEqual(['alo', 'chưa gửi', 'ghi chú']);
    await after.request('sync.dismissNotice', { id: notice.id });
    await after.close();
    const once = await consoleOf(relay, agent, before.dataDir);
    await until('it is online', () => isOnline(once));
    expect((await once.request('sync.status')).notice).toBeNull();
  },
);

test('who is to sign in is offered the relay that the host was started for, else the last one', async () => {
  const { relay, agent } = await relayWithAgent();
  const relayUrl = 'http://relay.example';
  const first = await openConsole({ relayUrl });
  closers.push(() => first.close());
  expect(await first.request('session.current')).toEqual({ agent: null, workspaceName: null, relayUrl });
  await first.request('session.signIn', { relayUrl: relay.url, email: agent.email, password: agent.password });
  expect(await first.request('session.current')).toMatchObject({ relayUrl: relay.url });
  await first.request('session.signOut', {});
  expect(await first.request('session.current')).toMatchObject({ agent: null, relayUrl });
  const other = await openConsole({});
  closers.push(() => other.close());
  expect(await other.request('session.current')).toMatchObject({ relayUrl: null });
});
