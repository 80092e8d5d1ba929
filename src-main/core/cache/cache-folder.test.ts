import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { CACHE_RIG_KEY, CacheRig, EPOCH, SESSION, eventOf, snapshotOf } from '../../../tests/fakes/cache-rig.ts';
import { makeFolder, removeFolders } from '../../../tests/fakes/console-process.ts';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';
import { openEncryptedDatabase } from '../encrypted-database.ts';
import { searchTableOf, tableSpecs } from './cache-schema.ts';
import { searchTextOf } from './sqlite-row-table.ts';

// Real files and sockets, on a machine that may be busy with something else.
afterEach(removeFolders);

/** A cache at cursor 12 with seven agents, closed in order. */
function filled(folder = makeFolder('liendesk-cache-')): string {
  const world = DomainWorld.withDesk();
  const rig = new CacheRig('lan', folder).open();
  rig.apply({ events: world.log.map((changes) => eventOf(changes)) });
  rig.close();
  return folder;
}

/** The same folder as after a crash: the files as they are while the cache is open. */
function crashed(folder: string): string {
  const copy = makeFolder('liendesk-cache-');
  fs.cpSync(folder, copy, { recursive: true });
  return copy;
}

const names = (folder: string) =>
  fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.db'))
    .sort();
const agentsIn = (rig: CacheRig) => rig.query('agent.list', {} as never).agents.length;

test('what was closed in order is opened as it was', () => {
  const rig = new CacheRig('lan', filled());
  expect(rig.writer.open()).toMatchObject({ state: 'kept', wasUnclean: false, position: { epoch: EPOCH, cursor: 12 } });
  rig.reader.open();
  expect(agentsIn(rig)).toBe(7);
  rig.close();
});

test('SYNC-F2 a cache that nobody closed is to be checked', () => {
  const folder = filled();
  const open = new CacheRig('lan', folder).open();
  const copy = crashed(folder);
  open.close();
  expect(new CacheRig('lan', copy).writer.open()).toMatchObject({ state: 'kept', wasUnclean: true });
});

test.each([
  ['of another agent', (folder: string) => new CacheRig('minh', folder)],
  [
    'overwritten with noise',
    (folder: string) => {
      fs.writeFileSync(path.join(folder, 'cache.db'), 'noise '.repeat(10_000));
      return new CacheRig('lan', folder);
    },
  ],
  [
    'made by another schema',
    (folder: string) => {
      const rig = new CacheRig('lan', folder);
      const { database } = rig.folder.open().store;
      database.prepare("UPDATE meta SET schema = 'other'").run();
      database.close();
      return rig;
    },
  ],
  [
    'empty',
    (folder: string) => {
      fs.truncateSync(path.join(folder, 'cache.db'));
      return new CacheRig('lan', folder);
    },
  ],
])('SYNC-P1 a cache %s is moved aside and begun anew', (_what, prepare) => {
  const folder = filled();
  const rig = prepare(folder);
  expect(rig.writer.open()).toMatchObject({ state: 'rebuilt', position: { epoch: null, cursor: 0 } });
  expect(names(folder)).toContain('cache.damaged.db');
  rig.reader.open();
  expect(agentsIn(rig)).toBe(0);
  rig.close();
});

test('SYNC-S4 a crash at any point of a swap leaves the old cache or the new one, whole', () => {
  const world = DomainWorld.withDesk();
  const folder = filled();
  const rig = new CacheRig('lan', folder).open();
  const queue = world.reader('queue:sales').root()!;
  rig.writer.beginSnapshot();
  const duringPages = crashed(folder);
  const page = {
    session: SESSION,
    page: 0,
    startSeq: 40,
    subjects: [snapshotOf('queue:sales', queue)],
    totalSubjects: 1,
  };
  rig.writer.applyPage({ ...page, isLast: true }, EPOCH, 0);
  const beforeSwap = crashed(folder);
  rig.reader.close();

  // The steps of a swap, with the process dying after each.
  const states: string[] = [];
  const rename = fs.renameSync;
  const remove = fs.rmSync;
  const snapshotState = () => void states.push(crashed(folder));
  fs.renameSync = (from, to) => {
    rename(from, to);
    snapshotState();
  };
  fs.rmSync = (target, options) => {
    remove(target, options);
    snapshotState();
  };
  try {
    rig.writer.swap();
  } finally {
    fs.renameSync = rename;
    fs.rmSync = remove;
  }
  rig.writer.close();
  expect(states.length).toBeGreaterThan(3);

  const cursorIn = (state: string): number => {
    const after = new CacheRig('lan', state);
    const { state: outcome, position } = after.writer.open();
    after.reader.open();
    expect(outcome).toBe('kept');
    expect(agentsIn(after)).toBe(position.cursor === 12 ? 7 : 0);
    after.close();
    expect(names(state).filter((name) => name !== 'cache.damaged.db')).toEqual(['cache.db']);
    return position.cursor;
  };
  expect([duringPages, beforeSwap].map(cursorIn)).toEqual([12, 12]);
  expect(states.map(cursorIn)).toEqual(states.map(() => 40));
});

test('a first snapshot that broke off is not taken for a cache', () => {
  const folder = makeFolder('liendesk-cache-');
  const world = DomainWorld.withDesk();
  const rig = new CacheRig('lan', folder).open();
  rig.writer.beginSnapshot();
  const subjects = ['lan', 'minh'].map((id) => snapshotOf(`agent:${id}`, world.agent(id)));
  rig.writer.applyPage({ session: SESSION, page: 0, startSeq: 9, subjects, totalSubjects: 5, isLast: false }, EPOCH, 0);
  // Rows of an empty cache's first snapshot are seen at once.
  expect(agentsIn(rig)).toBe(2);
  rig.close();
  const again = new CacheRig('lan', folder);
  expect(again.writer.open()).toMatchObject({ state: 'made', position: { epoch: null, cursor: 0 } });
  again.reader.open();
  expect(agentsIn(again)).toBe(0);
  again.close();
});

test('SYNC-S4 a snapshot whose last pages could not be folded into its file is not put in the place of the cache', () => {
  const folder = filled();
  const rig = new CacheRig('lan', folder).open();
  const world = DomainWorld.withDesk();
  const page = { session: SESSION, page: 0, startSeq: 40, totalSubjects: 1, isLast: true };
  const fetch = () => {
    rig.writer.beginSnapshot();
    rig.writer.applyPage({ ...page, subjects: [snapshotOf('agent:lan', world.agent('lan'))] }, EPOCH, 0);
  };
  fetch();
  // Another connection is in the way, as a full disk would be.
  const other = openEncryptedDatabase(path.join(folder, 'cache.next.db'), CACHE_RIG_KEY, 'read');
  other.prepare('SELECT count(*) FROM agent').get();
  rig.reader.close();
  expect(() => rig.writer.swap()).toThrow(expect.objectContaining({ kind: 'storage' }));
  other.close();
  rig.reader.open();
  expect([rig.writer.position().cursor, agentsIn(rig)]).toEqual([12, 7]);
  rig.reader.close();
  fetch();
  expect(rig.writer.swap()).toMatchObject({ cursor: 40 });
  rig.reader.open();
  expect(agentsIn(rig)).toBe(1);
  rig.close();
});

/** Statements of the search indexes' own checks; each throws when the index is not in order. */
function checkIndexes(rig: CacheRig): void {
  const { database } = rig.folder.open().store;
  for (const { name } of tableSpecs.filter(({ searchText }) => searchText !== undefined)) {
    const index = searchTableOf(name);
    database.prepare(`INSERT INTO "${index}" ("${index}") VALUES ('integrity-check')`).run();
    const listed = (sql: string) => database.prepare(sql).pluck().all();
    // What is in the index is what is in the table, under the same rowids.
    const rowid = name === 'message' ? 'position' : 'rid';
    const searched = (
      database.prepare(`SELECT ${rowid} AS rowid, row FROM "${name}" ORDER BY 1`).all() as {
        rowid: number;
        row: string;
      }[]
    ).filter(
      ({ row }) =>
        searchTextOf(
          tableSpecs.find((spec) => spec.name === name)!,
          JSON.parse(row),
        ) !== null,
    );
    expect(listed(`SELECT rowid FROM "${index}" ORDER BY rowid`)).toEqual(searched.map(({ rowid: one }) => one));
  }
  database.close();
}

test('SYNC-S6 after a kill between any two writes of a frame the search index is whole, and that of the rows', () => {
  const folder = makeFolder('liendesk-cache-');
  const world = DomainWorld.withDesk();
  const write = (conversationId: string, count: number) => {
    for (let index = 0; index < count; index += 1) {
      const identity = { channelId: 'web', externalId: conversationId, isVerified: false };
      const customer = { id: `c-${conversationId}`, identity, profile: { name: `Chị ${conversationId}` } };
      const ids = { conversationId, newConversationId: conversationId, messageId: `m${world.seq}` };
      const text = `đơn hàng ${world.seq} giao muộn`;
      world.must('message.receive', { channelId: 'web', customer, ...ids, text, writtenAt: 0 }, { by: webChat });
    }
  };
  const rig = new CacheRig('lan', folder).open();
  write('k1', 20);
  write('k2', 20);
  rig.apply({ events: world.log.map((changes) => eventOf(changes)) });
  const before = rig.writer.position().cursor;
  write('k1', 10);
  write('k3', 10);
  // The files as they are after each write of the frame, which also leaves, enters and edits.
  const killed: string[] = [];
  const other = openEncryptedDatabase(path.join(folder, 'cache.db'), CACHE_RIG_KEY, 'read');
  const statement = Object.getPrototypeOf(other.prepare('SELECT 1')) as { run(...values: unknown[]): unknown };
  other.close();
  const { run } = statement;
  let writes = 0;
  statement.run = function (this: unknown, ...values) {
    const result = run.apply(this, values);
    writes += 1;
    if (writes % 5 === 1) killed.push(crashed(folder));
    return result;
  };
  try {
    const items = [{ table: 'message', row: { ...world.message(`m${world.seq - 1}`) } }];
    rig.apply({
      to: world.seq,
      leave: ['conversation:k2'],
      enter: [snapshotOf('conversation:k3', world.conversation('k3'), items)],
      events: world.log.slice(before).map((changes) => eventOf(changes)),
    });
  } finally {
    statement.run = run;
  }
  killed.push(crashed(folder));
  rig.close();
  expect(killed.length).toBeGreaterThan(10);
  const cursors = killed.map((state) => {
    const after = new CacheRig('lan', state).open();
    const { cursor } = after.writer.position();
    const found = after.query('search.run', { text: 'giao muon', limit: 100 }).length;
    const texts = after.list('open').flatMap((id) => after.texts(id));
    expect(found).toBe(texts.length);
    after.close();
    checkIndexes(after);
    return cursor;
  });
  expect(new Set(cursors)).toEqual(new Set([before, world.seq]));
});

test('commands that were applied long ago are forgotten', () => {
  const rig = new CacheRig().open();
  const event = (seq: number, commandId: string) => ({
    seq,
    at: 1,
    actor: 'agent:lan' as const,
    commandId,
    changes: [],
  });
  rig.apply({ to: 5, events: [event(5, 'old')] });
  rig.apply({ to: 200_000, events: [event(199_999, 'new')] });
  rig.writer.prune();
  const { database } = rig.folder.open().store;
  expect(database.prepare('SELECT id FROM appliedCommand').pluck().all()).toEqual(['new']);
  database.close();
  rig.close();
});
