import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { CacheRig, EPOCH, SESSION, eventOf, snapshotOf } from '../../../tests/fakes/cache-rig.ts';
import { makeFolder, removeFolders } from '../../../tests/fakes/console-process.ts';
import { DomainWorld } from '../../../tests/fakes/domain-world.ts';

// Real files and sockets, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

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
