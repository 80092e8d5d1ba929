import fs from 'node:fs';
import type { Database } from 'better-sqlite3';
import { AppError } from '../../../shared/errors.ts';
import type { DiskRoom } from '../disk-room.ts';
import { outboxMigrations } from './outbox-migrations.ts';

export interface OutboxFileParts {
  file: string;
  open(file: string): Database;
  /** Whether an error says that the file itself is bad. */
  isDamage(error: unknown): boolean;
  /** Room that is given up when the disk is full. */
  room?: DiskRoom;
  /** Epoch ms, for the name under which a damaged file is kept. */
  now: number;
}

/**
 * Opens `outbox.db`, which holds what nobody else has, and brings its tables up to date. Every commit is on the disk when
 * it returns (SYNC-O1). A damaged file is never deleted: it is moved aside under a name with the time, and `damagedFile`
 * says where.
 * @throws AppError `incompatible` for a file of a newer version
 */
export function openOutboxFile(parts: OutboxFileParts): { database: Database; damagedFile: string | null } {
  const { file } = parts;
  try {
    return { database: openSound(parts), damagedFile: null };
  } catch (error) {
    if (!parts.isDamage(error)) throw error;
    const damagedFile = `${file}.damaged-${parts.now}`;
    for (const suffix of ['', '-wal', '-shm']) {
      if (fs.existsSync(file + suffix)) fs.renameSync(file + suffix, damagedFile + suffix);
    }
    return { database: openSound(parts), damagedFile };
  }
}

function openSound({ file, open }: OutboxFileParts): Database {
  const database = open(file);
  try {
    // The driver's own default, NORMAL, may lose the last commits when power fails.
    database.pragma('synchronous = FULL');
    // On macOS only this makes the drive write its own cache.
    database.pragma('fullfsync = ON');
    // What was sent, or erased with its customer, is not to be found in the file afterwards.
    database.pragma('secure_delete = ON');
    if (database.pragma('quick_check(1)', { simple: true }) !== 'ok') {
      throw Object.assign(new Error('quick_check failed'), { code: 'SQLITE_CORRUPT' });
    }
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: Database): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > outboxMigrations.length) {
    throw new AppError('incompatible', 'What was not sent was written by a newer console; install that one again.', {
      reason: 'outbox-newer',
    });
  }
  if (version === outboxMigrations.length) return;
  const run = database.transaction(() => {
    for (const step of outboxMigrations.slice(version)) database.exec(step);
    database.pragma(`user_version = ${outboxMigrations.length}`);
  });
  run.immediate();
}
