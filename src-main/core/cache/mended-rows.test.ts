import { afterEach, expect, test } from 'vitest';
import { digestOfSubject } from '../../../shared/domain/subject/subject-digest.ts';
import { CacheRig, eventOf, snapshotOf } from '../../../tests/fakes/cache-rig.ts';
import { removeFolders } from '../../../tests/fakes/console-process.ts';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';

// Real files, on a machine that may be busy with something else.
afterEach(removeFolders);

const SUBJECT = 'conversation:k1' as const;

/** A conversation with three messages, in a cache at the head. */
function filled() {
  const world = DomainWorld.withDesk();
  for (const messageId of ['m1', 'm2', 'm3']) {
    const identity = { channelId: 'web', externalId: 'k1', isVerified: false };
    const customer = { id: 'c1', identity, profile: { name: 'Chị Hoa' } };
    const ids = { conversationId: 'k1', newConversationId: 'k1', messageId };
    world.must(
      'message.receive',
      { channelId: 'web', customer, ...ids, text: `tin ${messageId}`, writtenAt: 0 },
      {
        by: webChat,
      },
    );
  }
  const rig = new CacheRig().open();
  rig.apply({ events: world.log.map((changes) => eventOf(changes)) });
  const items = ['m1', 'm2', 'm3'].map((id) => ({ table: 'message', row: { ...world.message(id) } }));
  const snapshot = snapshotOf(SUBJECT, world.conversation('k1'), items, { asOf: world.seq });
  const told = {
    subject: SUBJECT,
    ...{ asOf: world.seq, fromPosition: 0 },
    digest: digestOfSubject(world.conversation('k1'), items),
  };
  return { world, rig, snapshot, told };
}

/** Changes the file behind the writer's back. */
function spoil(rig: CacheRig, sql: string): void {
  const { database } = rig.folder.open().store;
  database.exec(sql);
  database.close();
}

test('SYNC-D4 rows that are what the relay has are found to be so, and only what can be compared is', () => {
  const { rig, told, world } = filled();
  expect(rig.writer.checkDigest(told)).toBe('same');
  expect(rig.writer.checkDigest({ ...told, subject: 'conversation:k9' })).toBe('unknown');
  expect(rig.writer.checkDigest({ ...told, asOf: world.seq + 1 })).toBe('unknown');
  expect(rig.writer.checkDigest({ ...told, asOf: world.seq - 1 })).toBe('unknown');
  const last = world.message('m3');
  const digest = digestOfSubject(world.conversation('k1'), [{ table: 'message', row: { ...last } }]);
  expect(rig.writer.checkDigest({ ...told, fromPosition: last.position, digest })).toBe('same');
  rig.close();
});

test.each([
  ['a field of the root', `UPDATE conversation SET row = replace(row, '"state":"open"', '"state":"closed"')`],
  ['the tags of the root', `UPDATE conversation SET row = replace(row, '"tags":[]', '"tags":["x"]'), asOf = 99`],
  ['the text of a message', `UPDATE message SET row = replace(row, 'tin m2', 'tin sai')`],
  ['a message that vanished', `DELETE FROM message WHERE id = 'm2'`],
  [
    'a message that never was',
    `INSERT INTO message (position, id, subject, asOf, row, kind) SELECT position + 1, 'mx', subject, asOf, replace(row, 'tin m3', 'tin ma'), kind FROM message WHERE id = 'm3'; INSERT INTO message_search (rowid, text) SELECT position, 'tin ma' FROM message WHERE id = 'mx'`,
  ],
])('SYNC-D4 %s is noticed, and mended by fetching the subject again, though it is as new', (_what, sql) => {
  const { rig, told, snapshot } = filled();
  // The writer knows the good rows; what is in the file counts.
  spoil(rig, sql);
  expect(rig.writer.checkDigest(told)).toBe('differs');
  expect(rig.writer.applyWanted(snapshot, null)).toBe(true);
  expect(rig.writer.checkDigest(told)).toBe('same');
  expect(rig.texts('k1')).toEqual(['tin m1', 'tin m2', 'tin m3']);
  expect(rig.list('open')).toEqual(['k1']);
  expect(rig.query('search.run', { text: 'tin', limit: 10 })).toHaveLength(3);
  rig.close();
});

test('SYNC-D4 a column that lists go by is written anew with its row', () => {
  const { rig, told, snapshot } = filled();
  spoil(rig, `UPDATE conversation SET state = 'closed', row = replace(row, '"tags":[]', '"tags":["x"]')`);
  expect(rig.list('open')).toEqual([]);
  expect(rig.writer.checkDigest(told)).toBe('differs');
  rig.writer.applyWanted(snapshot, null);
  expect([rig.list('open'), rig.list('closed')]).toEqual([['k1'], []]);
  rig.close();
});

test('SYNC-D4 what is pending lies over the mended rows', () => {
  const { rig, told, snapshot, world } = filled();
  const args = { conversationId: 'k1', add: ['gap'], remove: [] };
  const prepared = rig.reader.prepare('conversation.tag', args, 'c1', world.now);
  const command = { id: 'c1', n: 1, type: 'conversation.tag', after: null, clientAt: 0, ...prepared };
  spoil(rig, `UPDATE conversation SET row = replace(row, '"tags":[]', '"tags":["x"]')`);
  rig.reader.addPending({ command, at: world.now } as never);
  const tags = () => rig.query('conversation.get', { conversationId: 'k1' }).tags;
  expect(tags()).toEqual(['x', 'gap']);
  expect(rig.writer.checkDigest(told)).toBe('differs');
  rig.writer.applyWanted(snapshot, null);
  rig.reader.predictAgain([SUBJECT]);
  expect(tags()).toEqual(['gap']);
  rig.close();
});

test('SYNC-F2 SYNC-L3 a frame that contradicts what is held is damage of the file: the next would be the same', () => {
  const { rig, world } = filled();
  const { cursor } = rig.writer.position();
  const identity = { channelId: 'web', externalId: 'k1', isVerified: false };
  const customer = { id: 'c1', identity, profile: { name: 'Chị Hoa' } };
  const ids = { conversationId: 'k1', newConversationId: 'k1', messageId: 'm4' };
  const args = { channelId: 'web', customer, ...ids, text: 'tin m4', writtenAt: 0 };
  world.must('message.receive', args, { by: webChat });
  // In another history something else came to the place where this one's next message belongs.
  spoil(rig, `UPDATE message SET position = ${world.message('m4').position} WHERE id = 'm3'`);
  const events = world.log.slice(-1).map((changes) => eventOf(changes));
  expect(() => rig.apply({ events })).toThrow(expect.objectContaining({ code: 'SQLITE_CORRUPT' }));
  expect(rig.writer.position().cursor).toBe(cursor);
  rig.close();
});

test('SYNC-F2 a row that cannot be read is damage of the file', () => {
  const { rig, told } = filled();
  spoil(rig, `UPDATE conversation SET row = '{"id":'`);
  const damaged = expect.objectContaining({ code: 'SQLITE_CORRUPT' });
  expect(() => rig.writer.checkDigest(told)).toThrow(damaged);
  expect(() => rig.query('conversation.get', { conversationId: 'k1' })).toThrow(damaged);
  rig.close();
});
