import type { Database } from 'better-sqlite3';
import { type DiskRoom, isDiskFull, noRoomKept, withRoom } from '../disk-room.ts';
import type { CommandStore } from './command-store.ts';
import { type DeviceStore, SqliteDeviceStore } from './device-store.ts';
import { type DraftStore, SqliteDraftStore } from './draft-store.ts';
import { type FileStore, SqliteFileStore } from './file-store.ts';
import { type OutboxFileParts, openOutboxFile } from './outbox-file.ts';
import { type Outbox, neededFiles } from './outbox.ts';
import { type SessionStore, SqliteSessionStore } from './session-store.ts';
import { type SettingStore, SqliteSettingStore } from './setting-store.ts';
import { SqliteCommandStore } from './sqlite-command-store.ts';

/** The outbox in `outbox.db`. */
export class SqliteOutbox implements Outbox {
  readonly commands: CommandStore;
  readonly device: DeviceStore;
  readonly drafts: DraftStore;
  readonly files: FileStore;
  readonly session: SessionStore;
  readonly settings: SettingStore;
  readonly damagedFile: string | null;
  readonly #database: Database;

  private constructor(database: Database, damagedFile: string | null, makeId: () => string, room: DiskRoom) {
    this.#database = database;
    this.damagedFile = damagedFile;
    this.commands = guard(new SqliteCommandStore(database), room);
    this.device = guard(new SqliteDeviceStore(database, makeId), room);
    this.drafts = guard(new SqliteDraftStore(database), room);
    this.files = guard(new SqliteFileStore(database, room), room);
    this.session = guard(new SqliteSessionStore(database), room);
    this.settings = guard(new SqliteSettingStore(database), room);
  }

  /** Opens the file and forgets what is too old. @param makeId makes a UUID */
  static open(parts: OutboxFileParts & { makeId: () => string }): SqliteOutbox {
    const { room = noRoomKept } = parts;
    const { database, damagedFile } = withRoom(room, () => openOutboxFile(parts));
    try {
      const outbox = new SqliteOutbox(database, damagedFile, parts.makeId, room);
      // This machine's clock may be years ahead: what counts is when the relay was heard of last.
      outbox.#pruneIfThereIsRoom(Math.min(parts.now, newestSettledAt(database)));
      return outbox;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  prune(now: number): void {
    this.commands.prune(now);
    this.files.prune(neededFiles(this), now);
  }

  scrub(): void {
    // The file overwrites what is deleted; its log would keep it until it is written over.
    this.#database.pragma('wal_checkpoint(TRUNCATE)');
  }

  close(): void {
    this.#database.close();
  }

  /** What lies in a full file has to be read all the same. */
  #pruneIfThereIsRoom(now: number): void {
    try {
      this.prune(now);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    }
  }
}

/**
 * A store whose writes are tried once more when giving up the room that is kept made some. Each of its methods is one
 * transaction, of which nothing was written when it failed.
 */
function guard<Store extends object>(store: Store, room: DiskRoom): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => withRoom(room, () => member.apply(target, args) as unknown);
    },
  });
}

/** Epoch ms by the relay; 0 when nothing was settled yet. */
function newestSettledAt(database: Database): number {
  return database.prepare<[], number | null>('SELECT max(settledAt) FROM command').pluck().get() ?? 0;
}
