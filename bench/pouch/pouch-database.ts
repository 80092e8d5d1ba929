import BetterSqlite3 from 'better-sqlite3';
import leveldb from 'pouchdb-adapter-leveldb';
import PouchDB from 'pouchdb-core';
import replication from 'pouchdb-replication';
import { prepareLogRecords } from '../../src-relay/event-log/sqlite-log-records.ts';

const BATCH = 1000;
/** Batches that PouchDB may read ahead; more made it no faster. */
const BATCHES = 10;

const Pouch = PouchDB.plugin(leveldb).plugin(replication);
const open = (folder: string) => new Pouch(folder, { adapter: 'leveldb' });

/** The id of an event's document: in order of `seq`. */
export function documentIdOf(seq: number): string {
  return `event-${String(seq).padStart(9, '0')}`;
}

export async function fillPouch(input: { folder: string; relayDatabase: string; after: number }): Promise<number> {
  const log = new BetterSqlite3(input.relayDatabase, { readonly: true });
  const pouch = open(input.folder);
  try {
    const events = prepareLogRecords(log).listEvents(input.after, Number.MAX_SAFE_INTEGER);
    for (let start = 0; start < events.length; start += BATCH) {
      const documents = events.slice(start, start + BATCH).map((event) => ({ _id: documentIdOf(event.seq), ...event }));
      const refused = (await pouch.bulkDocs(documents)).find((answer) => 'error' in answer);
      if (refused !== undefined) throw new Error(`PouchDB did not take a document: ${JSON.stringify(refused)}`);
    }
    return events.length;
  } finally {
    log.close();
    await pouch.close();
  }
}

export async function replicatePouch(input: {
  folder: string;
  target: string;
}): Promise<{ elapsedMs: number; documents: number }> {
  const source = open(input.folder);
  const target = open(input.target);
  try {
    const startedAt = performance.now();
    await Pouch.replicate(source, target, { batch_size: BATCH, batches_limit: BATCHES });
    const elapsedMs = performance.now() - startedAt;
    return { elapsedMs, documents: (await target.info()).doc_count };
  } finally {
    await source.close();
    await target.close();
  }
}

/** Documents of a database as JSON, without PouchDB's own fields. */
export async function readPouch(folder: string, ids: readonly string[]): Promise<string[]> {
  const pouch = open(folder);
  try {
    const documents = await Promise.all(ids.map((id) => pouch.get(id)));
    return documents.map((document) => {
      const { _id, _rev, ...event } = document as { _id: string; _rev: string };
      return JSON.stringify(event);
    });
  } finally {
    await pouch.close();
  }
}
