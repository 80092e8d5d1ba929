import fs from 'node:fs';
import path from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Database } from 'better-sqlite3';
import { subjectKinds } from '../../../shared/domain/registry.ts';
import {
  type ItemRow,
  type RootRow,
  type SubjectRef,
  subjectRef,
} from '../../../shared/domain/subject/subject-kind.ts';
import { Account } from '../../../src-main/core/account.ts';
import { CacheFolder } from '../../../src-main/core/cache/cache-folder.ts';
import { inlineThreads } from '../../../src-main/core/cache/cache-threads.ts';
import type { CacheView } from '../../../src-main/core/cache/cache-view.ts';
import { isDamage } from '../../../src-main/core/cache/open-database.ts';
import { noRoomKept } from '../../../src-main/core/disk-room.ts';
import { openEncryptedDatabase } from '../../../src-main/core/encrypted-database.ts';
import { LeasedKey } from '../../../src-main/core/leased-key.ts';
import { viewQueries } from '../../../src-main/core/features/view-queries.ts';
import { SqliteOutbox } from '../../../src-main/core/outbox/sqlite-outbox.ts';
import type { EventLog } from '../../../src-relay/event-log/event-log.ts';
import { openRelayDatabase } from '../../../src-relay/event-log/open-relay-database.ts';
import { openSqliteEventLog } from '../../../src-relay/event-log/sqlite-event-log.ts';
import type { LoggedEvent } from '../../../shared/relay-protocol/frames.ts';
import type {
  AccountProcess,
  ConsoleStore,
  HeldSubject,
  LogProcess,
  RelayStore,
  SeenSubject,
  Stores,
} from './stores.ts';

const KEY = 'a1'.repeat(32);
const NO_LIMIT = 4_294_967_294;

/** Real files. A process dies between two steps, not between two writes: the faults run kills it anywhere. */
export const sqliteStores: Stores = {
  makeRelay: () => new SqliteRelayStore(),
  makeConsole: (agentId) => new SqliteConsoleStore(agentId),
};

class SqliteRelayStore implements RelayStore {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'liendesk-sim-relay-'));
  #database: Database | null = null;
  #log: EventLog | null = null;
  #backups = 0;
  #isFull = false;

  open(process: LogProcess): EventLog {
    const database = openRelayDatabase(this.#file);
    // A process that dies loses nothing that way, and a simulation commits a lot.
    database.pragma('synchronous = OFF');
    this.#database = database;
    this.#log = openSqliteEventLog({ ...process, database, afterTurn: (task) => queueMicrotask(task) });
    if (this.#isFull) this.setFull(true);
    return this.#log;
  }

  crash(): void {
    this.#database?.close();
    this.#database = null;
    this.#log = null;
  }

  async listEvents(after: number): Promise<LoggedEvent[]> {
    return this.#log!.readEvents(after, Number.MAX_SAFE_INTEGER);
  }

  backup(): unknown {
    this.#backups += 1;
    const file = path.join(this.#folder, `backup-${this.#backups}.db`);
    this.#database!.exec(`VACUUM INTO '${file}'`);
    return file;
  }

  restore(backup: unknown): void {
    for (const suffix of ['-wal', '-shm']) rmSync(this.#file + suffix, { force: true });
    fs.copyFileSync(backup as string, this.#file);
  }

  setFull(isFull: boolean): void {
    this.#isFull = isFull;
    const pages = this.#database?.pragma('page_count', { simple: true }) as number | undefined;
    this.#database?.pragma(`max_page_count = ${isFull ? pages! : NO_LIMIT}`);
  }

  dispose(): void {
    this.crash();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #file(): string {
    return path.join(this.#folder, 'relay.db');
  }
}

class SqliteConsoleStore implements ConsoleStore {
  readonly #agentId: string;
  readonly #root = mkdtempSync(path.join(tmpdir(), 'liendesk-sim-console-'));
  #lives = 0;
  #account: Account | null = null;
  /** Of the cache that was opened last. */
  #cacheKey = KEY;

  constructor(agentId: string) {
    this.#agentId = agentId;
  }

  async open(process: AccountProcess): Promise<Account> {
    fs.mkdirSync(this.#dataDir, { recursive: true });
    const key = new LeasedKey(this.#dataDir, KEY, process.random);
    const folder = new CacheFolder(
      this.#dataDir,
      (file, mode) => openEncryptedDatabase(file, (this.#cacheKey = key.current()), mode),
      this.#agentId,
    );
    this.#account = await Account.open({
      ...process,
      files: {
        openOutbox: (now, makeId) =>
          SqliteOutbox.open({
            file: this.#outboxFile,
            open: (file) => openEncryptedDatabase(file, KEY, 'write'),
            ...{ isDamage, now, makeId },
          }),
        threads: inlineThreads(folder, this.#agentId, { ...viewQueries, see }, key),
        room: noRoomKept,
      },
    });
    return this.#account;
  }

  crash(): void {
    const before = this.#dataDir;
    this.#lives += 1;
    // What the process had written is in the files; its locks and its memory are not.
    fs.cpSync(before, this.#dataDir, { recursive: true, filter: (source) => !source.endsWith('-shm') });
    void this.#account?.close().catch(() => undefined);
    this.#account = null;
  }

  held(): Map<SubjectRef, HeldSubject> {
    const file = path.join(this.#dataDir, 'cache.db');
    // Deleted, and not made anew yet.
    if (!fs.existsSync(file)) return new Map();
    let database: Database | null = null;
    try {
      database = openEncryptedDatabase(file, this.#cacheKey, 'read');
      return readHeld(database);
    } catch (error) {
      // Spoilt, and not noticed yet: there is nothing in it to be read.
      if (isDamage(error)) return new Map();
      throw error;
    } finally {
      database?.close();
    }
  }

  async see(subject: SubjectRef): Promise<SeenSubject> {
    return (await this.#account!.context.cache.query('see', { subject })) as SeenSubject;
  }

  backupOutbox(): unknown {
    const file = path.join(this.#root, `outbox-${this.#lives}-${Math.floor(performance.now())}.db`);
    const database = openEncryptedDatabase(this.#outboxFile, KEY, 'write');
    database.pragma('wal_checkpoint(TRUNCATE)');
    fs.copyFileSync(this.#outboxFile, file);
    database.close();
    return file;
  }

  restoreOutbox(backup: unknown): void {
    for (const suffix of ['-wal', '-shm']) rmSync(this.#outboxFile + suffix, { force: true });
    fs.copyFileSync(backup as string, this.#outboxFile);
  }

  loseCache(how: 'deleted' | 'damaged'): void {
    const file = path.join(this.#dataDir, 'cache.db');
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
    if (how === 'deleted') rmSync(file, { force: true });
    else fs.writeFileSync(file, Buffer.alloc(4096, 0x5a));
  }

  setFull(): void {
    // Only a real disk can be full under files that another opens: the faults run fills one.
  }

  dispose(): void {
    void this.#account?.close().catch(() => undefined);
    rmSync(this.#root, { recursive: true, force: true });
  }

  get #dataDir(): string {
    return path.join(this.#root, `life-${this.#lives}`);
  }

  get #outboxFile(): string {
    return path.join(this.#dataDir, 'outbox.db');
  }
}

function see(view: CacheView, { subject }: { subject: SubjectRef }): SeenSubject {
  const root = view.overlay.reader(subject).root();
  // Rowids of roots are told apart by their tables only, and one kind has items.
  if (!subject.startsWith('conversation:')) return { root, items: [] };
  const found = view.find<ItemRow>({
    table: 'message',
    anyOf: [view.itemsOf(subject)],
    orderBy: [{ column: 'position', isDescending: false }],
    limit: 10_000,
  });
  return { root, items: found.map(({ row }) => row) };
}

function readHeld(database: Database): Map<SubjectRef, HeldSubject> {
  const held = new Map<SubjectRef, HeldSubject>();
  for (const kind of subjectKinds) {
    const [rootTable, ...itemTables] = kind.tables;
    const roots = database
      .prepare<[], { rid: number; isComplete: number; row: string }>(
        `SELECT rid, isComplete, row FROM "${rootTable!.name}"`,
      )
      .all();
    for (const { rid, isComplete, row } of roots) {
      const root = JSON.parse(row) as RootRow;
      const items = itemTables.flatMap(({ name }) =>
        database
          .prepare<[number], string>(`SELECT row FROM "${name}" WHERE subject = ? ORDER BY position`)
          .pluck()
          .all(rid)
          .map((item) => ({ table: name, row: JSON.parse(item) as ItemRow })),
      );
      held.set(subjectRef(kind.name, root.id), { root, items, isComplete: isComplete === 1 } as HeldSubject);
    }
  }
  return held;
}
