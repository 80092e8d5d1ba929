import path from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { CACHE_RIG_KEY, CacheRig, eventOf } from '../../../tests/fakes/cache-rig.ts';
import { removeFolders } from '../../../tests/fakes/console-process.ts';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';
import { openEncryptedDatabase } from '../encrypted-database.ts';

// Real files, on a machine that may be busy with something else.
afterEach(removeFolders);

const FRAMES = 14;

/** The cache's file as another connection sees it. */
function look<Seen>(rig: CacheRig, see: (database: Database) => Seen): Seen {
  const database = openEncryptedDatabase(path.join(rig.path, 'cache.db'), CACHE_RIG_KEY, 'write');
  try {
    return see(database);
  } finally {
    database.close();
  }
}

/** A cache that got each message in a frame of its own. */
function inManyFrames(hasTidied: boolean): CacheRig {
  const world = DomainWorld.withDesk();
  const rig = new CacheRig('lan').open();
  rig.apply({ events: world.log.map((changes) => eventOf(changes)) });
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const before = world.log.length;
    const customer = {
      id: 'c1',
      identity: { channelId: 'web', externalId: 'v1', isVerified: false },
      profile: { name: 'Chị Hoa' },
    };
    const ids = { conversationId: 'k1', newConversationId: 'k1', messageId: `m${frame}` };
    const text = `đơn hàng số${frame} giao muộn`;
    world.must('message.receive', { channelId: 'web', customer, ...ids, text, writtenAt: 0 }, { by: webChat });
    rig.apply({ events: world.log.slice(before).map((changes) => eventOf(changes)) });
    if (hasTidied) rig.writer.tidy();
  }
  return rig;
}

const segments = (rig: CacheRig): number =>
  look(rig, (database) =>
    Number(database.prepare('SELECT count(DISTINCT segid) FROM message_search_idx').pluck().get()),
  );

test('SYNC-S6 what frames add to the search index is merged between them, and all of it is found', () => {
  const left = inManyFrames(false);
  expect(segments(left)).toBe(FRAMES);
  left.close();
  const rig = inManyFrames(true);
  expect(segments(rig)).toBeLessThan(FRAMES / 2);
  look(rig, (database) => database.exec("INSERT INTO message_search (message_search) VALUES ('integrity-check')"));
  expect(rig.query('search.run', { text: 'giao muộn', limit: 50 })).toHaveLength(FRAMES);
  for (let frame = 0; frame < FRAMES; frame += 1) {
    expect(rig.query('search.run', { text: `số${frame}`, limit: 50 }).map(({ messageId }) => messageId)).toContain(
      `m${frame}`,
    );
  }
  rig.close();
});

test('SYNC-S3 a log that has become long is folded into the file between frames, not within one', () => {
  const rig = inManyFrames(false);
  const log = () =>
    look(rig, (database) => (database.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[])[0]!);
  rig.writer.tidy();
  expect(log().checkpointed).toBe(0);
  const chunk = new Uint8Array(1024 * 1024).fill(7);
  rig.writer.putFile(
    'f1',
    'conversation:k1',
    Array.from({ length: 20 }, () => chunk),
    0,
  );
  expect(log()).toMatchObject({ checkpointed: 0 });
  rig.writer.tidy();
  const { log: pages, checkpointed } = log();
  expect(pages).toBeGreaterThan(4000);
  expect(checkpointed).toBe(pages);
  rig.close();
});
