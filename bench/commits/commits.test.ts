import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { databaseFileOf } from '../../src-relay/data-folder.ts';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import { RelaySeed } from '../data/relay-seed.ts';
import { TextGenerator } from '../data/text-generator.ts';
import { commitBare } from './commit-bare.ts';
import { commitThroughHub } from './commit-through-hub.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-commits-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('both sides write the same rows', async () => {
  const random = seededRandom(9);
  const used = path.join(folder, 'used');
  const seed = new RelaySeed(used, random, new TextGenerator(random));
  const conversationIds = await seed.addDesks(4);
  await seed.close();
  const copy = path.join(folder, 'copy');
  cpSync(used, copy, { recursive: true });

  const ours = await commitThroughHub({
    folder: used,
    conversationIds,
    warmUpGroups: 2,
    groups: 3,
    text: 'Khách hẹn gọi lại.',
  });
  const bare = commitBare({ before: databaseFileOf(copy), after: databaseFileOf(used), warmUpGroups: 2, groups: 3 });
  expect(ours.rows['message']).toBe(4 + 20);
  expect(bare.rows).toEqual(ours.rows);

  const database = new BetterSqlite3(databaseFileOf(used));
  database.prepare('ATTACH ? AS copy').run(databaseFileOf(copy));
  for (const table of ['log_meta', 'event', 'event_subject', 'command_result', 'conversation', 'message']) {
    const differing = database.prepare(`SELECT * FROM main.${table} EXCEPT SELECT * FROM copy.${table}`).all();
    expect(differing, table).toEqual([]);
  }
  database.close();
});
