import { expect, test } from 'vitest';
import type { Frame } from '../../../shared/relay-protocol/frames.ts';
import { EPOCH, SESSION, eventOf } from '../../fakes/cache-rig.ts';
import { DomainWorld } from '../../fakes/domain-world.ts';
import { ManualClock, seededRandom } from '../../fakes/manual-clock.ts';
import { openMemoryAccount } from './memory-account.ts';
import { MemoryDisk, ProcessDied } from './memory-disk.ts';

const world = DomainWorld.withDesk();
const silent = () => undefined;

async function open(disk: MemoryDisk) {
  const { account, see } = await openMemoryAccount(disk, {
    ...{ relayUrl: 'http://relay.example', agentId: 'lan', clock: new ManualClock(), random: seededRandom(1) },
    connect: () => ({ send: silent, close: silent }),
    fetch: () => Promise.reject(new TypeError('fetch failed')),
    logger: { info: silent, warn: silent },
    ...{ push: silent, onEphemeral: silent },
  });
  const { cache } = account.context;
  const apply = (count: number) => {
    const from = cache.position.cursor;
    const events = world.log.slice(from, from + count).map((changes) => eventOf(changes));
    const frame = { session: SESSION, from, to: from + count, leave: [], enter: [], events, isCatchUp: false };
    return cache.applyFrame({ ...frame, wantsCredit: false } as unknown as Frame, EPOCH, 0);
  };
  const save = (text: string) =>
    account.outbox.drafts.save({
      ...{ conversationId: 'k1', kind: 'note', text, caret: 0, attachments: [], updatedAt: 1 },
      ...{ version: null, edition: null, isOwn: true },
    });
  const text = () => account.outbox.drafts.get('k1', 'note')?.text ?? null;
  return { account, see, apply, save, text };
}

test('a process that dies right before a commit leaves nothing of it, right after it all, and learns neither', async () => {
  const disk = new MemoryDisk();
  const points: string[] = [];
  let dieAt = '';
  disk.onCommitPoint = (point, file, name) => {
    points.push(`${point} ${file} ${name}`);
    if (points.at(-1) === dieAt) disk.crash();
  };
  const one = await open(disk);
  await one.apply(4);
  dieAt = 'before-commit cache applyFrame';
  await expect(one.apply(4)).rejects.toThrow(ProcessDied);
  expect(() => one.save('x')).toThrow(ProcessDied);
  expect(() => one.see('agent:lan')).toThrow(ProcessDied);
  const two = await open(disk);
  expect(two.account.context.cache.position.cursor).toBe(4);
  dieAt = 'after-commit cache applyFrame';
  await expect(two.apply(4)).rejects.toThrow(ProcessDied);
  dieAt = 'before-commit outbox draft.save';
  const three = await open(disk);
  expect(three.account.context.cache.position.cursor).toBe(8);
  expect(() => three.save('a')).toThrow(ProcessDied);
  dieAt = 'after-commit outbox draft.save';
  const four = await open(disk);
  expect(four.text()).toBeNull();
  expect(() => four.save('b')).toThrow(ProcessDied);
  expect((await open(disk)).text()).toBe('b');
  expect(points.slice(0, 4)).toEqual([
    'before-commit cache applyFrame',
    'after-commit cache applyFrame',
    'before-commit cache applyFrame',
    'before-commit cache applyFrame',
  ]);
});

test('SYNC-O1 when power fails the cache may lose its last commits, whole, and the outbox none', async () => {
  const disk = new MemoryDisk();
  const one = await open(disk);
  await one.apply(2);
  const before = disk.held();
  await one.apply(3);
  one.save('nháp');
  await one.apply(7);
  const after = disk.held();
  disk.losePower(2);
  const two = await open(disk);
  expect([two.account.context.cache.position.cursor, two.text()]).toEqual([2, 'nháp']);
  expect(disk.held()).toEqual(before);
  await two.apply(10);
  expect(disk.held()).toEqual(after);
});

test('a full disk takes nothing, and an old copy of an outbox is what it was', async () => {
  const disk = new MemoryDisk();
  const one = await open(disk);
  one.save('alt');
  const copy = disk.copyOutbox();
  one.save('neu');
  disk.isFull = true;
  expect(() => one.save('voll')).toThrow(expect.objectContaining({ code: 'SQLITE_FULL' }));
  await expect(one.apply(2)).rejects.toMatchObject({ code: 'SQLITE_FULL' });
  disk.isFull = false;
  expect([one.text(), one.account.context.cache.position.cursor]).toEqual(['neu', 0]);
  disk.restoreOutbox(copy);
  expect((await open(disk)).text()).toBe('alt');
});
