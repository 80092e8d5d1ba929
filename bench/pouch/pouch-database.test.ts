import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseFileOf } from '../../src-relay/data-folder.ts';
import { prepareLogRecords } from '../../src-relay/event-log/sqlite-log-records.ts';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import { AGENTS, RelaySeed } from '../data/relay-seed.ts';
import { TextGenerator } from '../data/text-generator.ts';
import { documentIdOf, fillPouch, readPouch, replicatePouch } from './pouch-database.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-pouch-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('PouchDB replicates the very events that a console would get', async () => {
  const random = seededRandom(7);
  const seed = new RelaySeed(path.join(folder, 'relay'), random, new TextGenerator(random));
  await seed.addWorkspace(AGENTS);
  await seed.addConversations(5);
  const after = seed.head;
  await seed.addTraffic(120, AGENTS);
  await seed.close();
  const relayDatabase = databaseFileOf(path.join(folder, 'relay'));

  const source = path.join(folder, 'source');
  const target = path.join(folder, 'target');
  expect(await fillPouch({ folder: source, relayDatabase, after })).toBe(120);
  expect(await replicatePouch({ folder: source, target })).toMatchObject({ documents: 120 });

  const log = new BetterSqlite3(relayDatabase, { readonly: true });
  const events = prepareLogRecords(log).listEvents(after, 1000);
  log.close();
  expect(events).toHaveLength(120);
  const copies = await readPouch(
    target,
    events.map(({ seq }) => documentIdOf(seq)),
  );
  expect(copies.map((json) => JSON.parse(json) as unknown)).toEqual(JSON.parse(JSON.stringify(events)));
});
