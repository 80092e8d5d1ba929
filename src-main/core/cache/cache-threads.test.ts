import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test, vi } from 'vitest';
import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import type { Frame } from '../../../shared/relay-protocol/frames.ts';
import { EPOCH, SESSION, eventOf } from '../../../tests/fakes/cache-rig.ts';
import { TEST_KEYS, makeFolder, removeFolders } from '../../../tests/fakes/console-process.ts';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';
import { noRoomKept } from '../disk-room.ts';
import { openEncryptedDatabase } from '../encrypted-database.ts';
import { Cache, type LocalCopy } from './cache.ts';
import { workerThreads } from './cache-threads.ts';

// Real threads and files, on a machine that may be busy with something else.
const open: Cache[] = [];

afterEach(async () => {
  for (const cache of open.splice(0)) await cache.close();
  vi.restoreAllMocks();
  removeFolders();
});

function customerWrites(world: DomainWorld, count: number, more = ''): void {
  for (let index = 0; index < count; index += 1) {
    const identity = { channelId: 'web', externalId: 'k1', isVerified: false };
    const customer = { id: 'c1', identity, profile: { name: 'Chị Hoa' } };
    const ids = { conversationId: 'k1', newConversationId: 'k1', messageId: `m${world.seq}` };
    const args = { channelId: 'web', customer, ...ids, text: `tin ${world.seq}${more}`, writtenAt: 0 };
    world.must('message.receive', args, { by: webChat });
  }
}

/** A cache in two threads of its own, which can be made to die. */
async function opened(copy: () => Partial<LocalCopy> = () => ({})) {
  const folder = makeFolder('liendesk-cache-');
  const workers = new Set<Worker>();
  const { postMessage } = Worker.prototype;
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...args) {
    workers.add(this);
    return postMessage.apply(this, args);
  });
  const happened: string[] = [];
  const threads = workerThreads(
    new URL('../worker/main.ts', import.meta.url),
    { folder, agentId: 'lan' },
    { current: () => TEST_KEYS.cache, drop: () => undefined },
  );
  const startWriter = vi.fn(threads.startWriter);
  const startCheck = vi.fn(threads.startCheck);
  const cache = await Cache.open({
    threads: { ...threads, startWriter, startCheck },
    events: {
      onRebuilt: () => happened.push('rebuilt'),
      onChanged: () => undefined,
      onSwapped: () => happened.push('swapped'),
    },
    readLocal: () => ({ local: { drafts: [], seen: [], refused: [] }, pending: [], ...copy() }),
    room: noRoomKept,
  });
  open.push(cache);
  const world = DomainWorld.withDesk();
  customerWrites(world, 3);
  const apply = (after = cache.position.cursor) => {
    const events = world.log.slice(after).map((changes) => eventOf(changes));
    const rest = { session: SESSION, leave: [], enter: [], isCatchUp: false, wantsCredit: false };
    return cache.applyFrame({ ...rest, from: after, to: world.seq, events } as Frame, EPOCH, 0);
  };
  await apply();
  const [writer, reader] = workers;
  const texts = async () => {
    const page = await cache.query('message.list', { conversationId: 'k1', before: null, after: null, limit: 50 });
    return (page as { messages: { text: string; kind: string }[] }).messages
      .filter(({ kind }) => kind !== 'system')
      .map(({ text }) => text);
  };
  return {
    cache,
    folder,
    world,
    workers,
    startWriter,
    startCheck,
    happened,
    writer: writer!,
    reader: reader!,
    apply,
    texts,
  };
}

/** From now on it hears nothing, so that whatever it is asked is under way when it dies. */
function deafen(worker: Worker): void {
  worker.postMessage = () => undefined;
}

test('SYNC-F3 the reader answers, with what is committed, while the writer is in the middle of a transaction', async () => {
  const { cache, folder, world, apply, texts } = await opened();
  const before = await texts();
  // The writer begins its transaction and cannot go on.
  const other = openEncryptedDatabase(path.join(folder, 'cache.db'), TEST_KEYS.cache, 'write');
  other.exec('BEGIN IMMEDIATE');
  customerWrites(world, 1);
  let isApplied = false;
  const applying = apply().then((outcome) => {
    isApplied = true;
    return outcome;
  });
  for (let reads = 0; reads < 5; reads += 1) expect(await texts()).toEqual(before);
  expect(isApplied).toBe(false);
  other.exec('COMMIT');
  other.close();
  expect(await applying).toMatchObject({ isApplied: true, cursor: world.seq });
  expect(await texts()).toEqual([...before, `tin ${world.seq - 1}`]);
  expect(cache.position.cursor).toBe(world.seq);
});

test('SYNC-F3 a reader that died is started again, and shows what is pending, once', async () => {
  const pending: { command: never; at: number }[] = [];
  const { cache, world, reader, workers, texts, happened } = await opened(() => ({ pending }));
  const before = await texts();
  const prepare = async (id: string, n: number) => {
    const args = { conversationId: 'k1', text: `dạ ${id}`, attachments: [], messageId: id, writtenAt: 1 };
    const prepared = await cache.prepare('message.send', args, id, world.now);
    const command = { id, n, type: 'message.send', after: null, clientAt: 0, ...prepared } as never;
    pending.push({ command, at: world.now });
    return { command, at: world.now };
  };
  await cache.addPending(await prepare('c1', 1));
  const second = await prepare('c2', 2);
  await reader.terminate();
  // It lies in the outbox already, from which the new reader takes it.
  await cache.addPending(second);
  expect(await texts()).toEqual([...before, 'dạ c1', 'dạ c2']);
  await cache.removePending(['c2']);
  expect(await texts()).toEqual([...before, 'dạ c1']);
  expect([workers.size, happened]).toEqual([3, []]);
});

test('SYNC-F3 a writer that died in the middle of a frame leaves nothing of it, and another goes on from where the file is', async () => {
  const { cache, world, writer, apply, texts, happened } = await opened();
  const before = await texts();
  const { cursor } = cache.position;
  // It is at that for seconds: this thread may have to wait for its processor before it can end the other.
  const more = Array.from({ length: 150 }, (_, index) => ` chữ${index}`).join('');
  customerWrites(world, 3000, more);
  const applying = apply();
  applying.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  await writer.terminate();
  await expect(applying).rejects.toMatchObject({ details: { reason: 'thread-died' } });
  expect(await texts()).toEqual(before);
  expect(cache.position.cursor).toBe(cursor);
  expect(await apply()).toMatchObject({ isApplied: true, cursor: world.seq });
  const { messages } = (await cache.query('message.list', {
    ...{ conversationId: 'k1', before: null, after: null, limit: 50 },
  })) as { messages: { text: string }[] };
  expect(messages.at(-1)!.text).toBe(`tin ${world.seq - 1}${more}`);
  const conversation = (await cache.query('conversation.get', { conversationId: 'k1' })) as Partial<Conversation>;
  expect(conversation).toMatchObject({ id: 'k1' });
  expect(happened).toEqual([]);
});

test('SYNC-F3 whoever else waited for a writer that died waits for the same new one', async () => {
  const { cache, writer, startWriter, apply } = await opened();
  deafen(writer);
  const asked = [cache.heldDigest(), cache.dirtySubjects(10), cache.heldIds('agent', '', 10)];
  await writer.terminate();
  for (const answer of await Promise.allSettled(asked)) {
    expect(answer).toMatchObject({ status: 'rejected', reason: { details: { reason: 'thread-died' } } });
  }
  expect(startWriter).toHaveBeenCalledTimes(2);
  expect((await cache.heldDigest()).count).toBeGreaterThan(0);
  expect(await apply()).toMatchObject({ isApplied: true });
});

test('SYNC-V3 what is asked while one exchange of the file waits for another sees nothing of what goes', async () => {
  const { cache } = await opened();
  const first = cache.beginSnapshot();
  const clearing = cache.clear();
  const get = cache.query('conversation.get', { conversationId: 'k1' });
  await expect(get).rejects.toMatchObject({ kind: 'not_found' });
  await Promise.all([first, clearing]);
});

test('SYNC-F2 a check that cannot be begun costs nothing else', async () => {
  const { cache, writer, startCheck, apply } = await opened();
  startCheck.mockImplementation(() => {
    throw Object.assign(new Error('no more threads'), { code: 'ERR_WORKER_INIT_FAILED' });
  });
  deafen(writer);
  const asked = cache.heldDigest();
  await writer.terminate();
  await expect(asked).rejects.toMatchObject({ details: { reason: 'thread-died' } });
  expect(startCheck).toHaveBeenCalledTimes(1);
  expect(await apply()).toMatchObject({ isApplied: true });
});
