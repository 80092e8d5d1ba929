import { expect, test } from 'vitest';
import { EPOCH, eventOf } from '../../fakes/cache-rig.ts';
import { DomainWorld } from '../../fakes/domain-world.ts';
import { Cache } from '../../../src-main/core/cache/cache.ts';
import { CacheReader } from '../../../src-main/core/cache/cache-reader.ts';
import { InlineLink } from '../../../src-main/core/cache/thread-link.ts';
import { WriterHost } from '../../../src-main/core/cache/writer-host.ts';
import { noRoomKept } from '../../../src-main/core/disk-room.ts';
import { MemoryCachePlace } from './memory-cache.ts';
import { MemoryDisk } from './memory-disk.ts';
import { MemoryReaderStore, type MemoryView } from './memory-reader.ts';

test('SYNC-F1 a cache that could not be begun anew on a full disk is, once there is room', async () => {
  const disk = new MemoryDisk();
  const see = (view: MemoryView, { subject }: { subject: `${string}:${string}` }) => view.see(subject);
  const place = new MemoryCachePlace(disk, 'lan');
  const open = place.open.bind(place);
  // A new file takes room, which the storage in memory does not ask for.
  place.open = () => {
    if (disk.isFull) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    return open();
  };
  const reader = new CacheReader(() => new MemoryReaderStore(disk, { see }), 'lan');
  const cache = await Cache.open({
    threads: {
      startWriter: () => new InlineLink(new WriterHost(place, 'lan')),
      startReader: () => new InlineLink(reader),
      startCheck: () => new InlineLink({ check: () => true }),
      dropKey: () => undefined,
    },
    events: { onRebuilt: () => undefined, onChanged: () => undefined, onSwapped: () => undefined },
    readLocal: () => ({ local: { drafts: [], seen: [], refused: [] }, pending: [] }),
    room: noRoomKept,
  });
  const events = DomainWorld.withDesk().log.map((changes) => eventOf(changes));
  const to = events.at(-1)!.seq;
  const frame = { session: 's', from: 0, to, leave: [], enter: [], events, isCatchUp: true };
  await cache.applyFrame(frame as never, EPOCH, 0);
  expect(cache.position.cursor).toBe(to);

  disk.isFull = true;
  await expect(cache.clear()).rejects.toThrow();
  // What a session says of it is what the next one begins with.
  expect(cache.position).toMatchObject({ epoch: null, cursor: 0 });

  disk.isFull = false;
  expect(await cache.heldDigest()).toMatchObject({ count: 0 });
  await cache.applyFrame(frame as never, EPOCH, 0);
  expect(cache.position.cursor).toBe(to);
  expect(await cache.query('see', { subject: 'agent:lan' })).toMatchObject({ root: { id: 'lan' } });
  await cache.close();
});
