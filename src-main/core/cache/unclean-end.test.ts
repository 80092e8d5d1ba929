import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { CacheRig, EPOCH, eventOf } from '../../../tests/fakes/cache-rig.ts';
import { makeFolder, removeFolders } from '../../../tests/fakes/console-process.ts';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';
import { SqliteCacheStore } from './sqlite-cache-store.ts';

afterEach(() => {
  vi.restoreAllMocks();
  removeFolders();
});

/** A cache with one conversation. */
function withConversation(): CacheRig {
  const world = DomainWorld.withDesk();
  const identity = { channelId: 'web', externalId: 'k1', isVerified: false };
  const customer = { id: 'c1', identity, profile: { name: 'Hoa' } };
  const ids = { conversationId: 'k1', newConversationId: 'k1', messageId: 'm1' };
  const args = { channelId: 'web', customer, ...ids, text: 'mật khẩu của em', writtenAt: 0 };
  world.must('message.receive', args, { by: webChat });
  const rig = new CacheRig().open();
  rig.apply({ events: world.log.map((changes) => eventOf(changes)) });
  return rig;
}

const logSize = ({ path: folder }: CacheRig) => fs.statSync(path.join(folder, 'cache.db-wal')).size;

test('SYNC-V2 INV-6 what was deleted right before the process died leaves the log with the next start', () => {
  const rig = withConversation();
  vi.spyOn(SqliteCacheStore.prototype, 'scrub').mockReturnValueOnce(false);
  rig.apply({ leave: ['conversation:k1'] });
  expect(logSize(rig)).toBeGreaterThan(0);
  // The files as they are at this moment.
  const copy = makeFolder('liendesk-cache-');
  fs.cpSync(rig.path, copy, { recursive: true });
  rig.close();
  const again = new CacheRig('lan', copy);
  expect(again.writer.open()).toMatchObject({ state: 'kept', wasUnclean: true });
  expect(again.writer.heldIds('conversation', '', 10)).toEqual([]);
  expect(logSize(again)).toBe(0);
  again.writer.close();
});

test('SYNC-F1 a frame that was applied counts as applied, also where the disk has no room to clear up behind it', () => {
  const rig = withConversation();
  const { cursor } = rig.writer.position();
  const scrub = vi.spyOn(SqliteCacheStore.prototype, 'scrub').mockImplementationOnce(() => {
    throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  });
  expect(rig.apply({ leave: ['conversation:k1'], to: cursor + 1 })).toMatchObject({
    isApplied: true,
    cursor: cursor + 1,
  });
  expect(rig.apply({ from: cursor + 1, to: cursor + 2 })).toMatchObject({ isApplied: true });
  expect(scrub).toHaveBeenCalledTimes(2);
  expect(logSize(rig)).toBe(0);
  rig.close();
});

test('SYNC-V2 INV-6 what a snapshot that was cut had brought goes when the next session goes on without one', () => {
  const rig = withConversation();
  const { cursor } = rig.writer.position();
  rig.writer.beginSnapshot();
  const page = { page: 0, startSeq: cursor, subjects: [], totalSubjects: 9, isLast: false };
  rig.writer.applyPage(page, EPOCH, 0);
  expect(fs.existsSync(path.join(rig.path, 'cache.next.db'))).toBe(true);
  // The session broke off, and the next one is a tail.
  rig.apply({ leave: ['conversation:k1'], to: cursor + 1 });
  expect(fs.readdirSync(rig.path).filter((name) => name.startsWith('cache.next'))).toEqual([]);
  expect(rig.writer.position().cursor).toBe(cursor + 1);
  rig.close();
});
