import type { Database } from 'better-sqlite3';
import { CommandStore } from './command-store.ts';
import { DeviceStore } from './device-store.ts';
import { DraftStore } from './draft-store.ts';
import { FileStore } from './file-store.ts';
import { type OutboxFileParts, openOutboxFile } from './outbox-file.ts';
import { SessionStore } from './session-store.ts';
import { SettingStore } from './setting-store.ts';

/** Everything on this device that nobody else has: unsent commands, refused ones, drafts, settings, the sign-in. */
export class Outbox {
  readonly commands: CommandStore;
  readonly device: DeviceStore;
  readonly drafts: DraftStore;
  readonly files: FileStore;
  readonly session: SessionStore;
  readonly settings: SettingStore;
  /** Where a damaged file was moved to when this one was opened; null normally. */
  readonly damagedFile: string | null;
  readonly #database: Database;

  private constructor(database: Database, damagedFile: string | null, makeId: () => string) {
    this.#database = database;
    this.damagedFile = damagedFile;
    this.commands = new CommandStore(database);
    this.device = new DeviceStore(database, makeId);
    this.drafts = new DraftStore(database);
    this.files = new FileStore(database);
    this.session = new SessionStore(database);
    this.settings = new SettingStore(database);
  }

  /** Opens the file and forgets what is too old. @param makeId makes a UUID */
  static open(parts: OutboxFileParts & { makeId: () => string }): Outbox {
    const { database, damagedFile } = openOutboxFile(parts);
    const outbox = new Outbox(database, damagedFile, parts.makeId);
    outbox.commands.prune(parts.now);
    outbox.files.prune(outbox.#neededFiles(), parts.now);
    return outbox;
  }

  close(): void {
    this.#database.close();
  }

  #neededFiles(): Set<string> {
    const unsent = this.commands.listOpen().flatMap(({ fileIds }) => fileIds);
    const refused = this.commands.listRefused().flatMap(({ command }) => fileIdsIn(command.args));
    return new Set([...unsent, ...refused, ...this.drafts.listFiles()]);
  }
}

function fileIdsIn(args: unknown): string[] {
  const { attachments } = (args ?? {}) as { attachments?: { fileId: string }[] };
  return attachments?.map(({ fileId }) => fileId) ?? [];
}
