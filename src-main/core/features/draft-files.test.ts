import { afterEach, expect, test } from 'vitest';
import { type TestConsole, openConsole, removeFolders, until } from '../../../tests/fakes/console-process.ts';
import { type TestAgent, type TestRelay, startRelay } from '../../../tests/fakes/start-relay.ts';

// Real files and sockets, on a machine that may be busy with something else.
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  removeFolders();
});

async function consoleOf(relay: TestRelay, agent: TestAgent, dataDir?: string): Promise<TestConsole> {
  const signIn = { relayUrl: relay.url, email: agent.email, password: agent.password };
  const opened = await openConsole({ signIn, ...(dataDir === undefined ? {} : { dataDir }) });
  closers.push(() => opened.close());
  await until('it is online', async () => (await opened.request('sync.status')).state === 'online');
  return opened;
}

test('SYNC-O1 SYNC-A1 a draft with a file goes on at another machine, over a real relay, and is sent from there', async () => {
  const relay = await startRelay();
  closers.push(() => relay.stop());
  await relay.putQueue('sales');
  await relay.putChannel('web', 'sales');
  const lan = await relay.addAgent('lan', { queueIds: ['sales'] });
  const { conversationId } = await relay.receive({ channelId: 'web', customerId: 'hoa', text: 'gửi em ảnh' });
  const here = await consoleOf(relay, lan);
  const there = await consoleOf(relay, lan);
  const content = Buffer.from('nội dung của tệp');
  const { uploadId } = await here.request('file.begin', { name: 'a.txt', size: content.length });
  await here.request('file.append', { uploadId, offset: 0, content: content.toString('base64') });
  const { attachment } = await here.request('file.finish', { uploadId });
  const place = { conversationId, kind: 'reply' as const };
  await here.request('draft.save', { ...place, text: 'Ảnh đây ạ', caret: 9, attachments: [attachment] });
  await here.request('draft.leave', { conversationId });
  const read = async (console: TestConsole) => (await console.request('draft.get', { conversationId })).reply;
  const found = await until('it is there', () => read(there));
  expect(found).toMatchObject({ text: 'Ảnh đây ạ', attachments: [attachment] });

  // Its agent may read the file there.
  const { fileId } = attachment;
  const file = await there.request('file.read', { fileId, conversationId, offset: 0, length: 1000 });
  expect(Buffer.from(file.content, 'base64')).toEqual(content);

  // Without the first machine, and after a restart of the second.
  await here.close();
  closers.pop();
  await there.close();
  closers.pop();
  const again = await consoleOf(relay, lan, there.dataDir);
  expect(await read(again)).toMatchObject({ text: 'Ảnh đây ạ', attachments: [attachment] });
  await again.request('message.send', { conversationId, text: 'Ảnh đây ạ', attachments: [attachment] });
  await again.request('draft.save', { ...place, text: '', caret: 0, attachments: [], edition: found.edition });
  await until('it was sent', async () => (await again.request('sync.status')).pendingCount === 0);
  await until('it is nowhere any more', async () => {
    const events = await relay.eventLog.readEvents(0, 1000);
    return events.some(({ changes }) => changes.some(({ type }) => type === 'draft-cleared'));
  });
  const first = await consoleOf(relay, lan, here.dataDir);
  await until('the first machine knows', async () => (await read(first)) === null);
  const { messages } = await first.request('message.list', { conversationId });
  expect(messages.at(-1)).toMatchObject({ text: 'Ảnh đây ạ', attachments: [{ fileId }] });
});
