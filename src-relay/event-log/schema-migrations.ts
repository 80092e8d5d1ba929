import type { Database } from 'better-sqlite3';
import { AppError } from '../../shared/errors.ts';

/**
 * Numbered steps of the event log's own tables: step 1 makes version 1, and so on. A step that was released is never
 * edited; changes come as a new step. Tables of subjects are not here, they follow from their kinds
 * (`sqlite-projection-rows.ts`), and other parts of the relay bring their own with `migratePart`.
 */
export const logMigrations: readonly string[] = [
  `
  CREATE TABLE log_meta (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    epoch TEXT NOT NULL,
    head INTEGER NOT NULL,
    floor INTEGER NOT NULL,
    writer_gen INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    command_id TEXT NOT NULL,
    changes TEXT NOT NULL
  ) STRICT;

  CREATE TABLE event_subject (
    subject TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (subject, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE command_result (
    id TEXT PRIMARY KEY,
    payload_hash BLOB NOT NULL,
    result TEXT NOT NULL,
    at INTEGER NOT NULL,
    device TEXT,
    n INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX command_result_by_at ON command_result (at);

  CREATE TABLE device_ack (
    device TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    acked_n INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE reactor (
    name TEXT PRIMARY KEY,
    cursor INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE timer (
    id TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    version INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX timer_by_due ON timer (due_at);

  -- The number orders the parts of a conversation; a number is never used again.
  CREATE TABLE delivery (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL,
    part INTEGER NOT NULL,
    conversation_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'attempting', 'sent', 'failed', 'unknown')),
    attempt INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    external_id TEXT,
    reason TEXT,
    content TEXT NOT NULL,
    -- 1 for the first open part of its conversation: the others wait for it. Kept, not computed, so that finding what
    -- is due does not depend on how much waits while a channel is down.
    is_head INTEGER NOT NULL,
    -- 1 once the log knows what became of the message.
    is_reported INTEGER NOT NULL DEFAULT 0,
    UNIQUE (message_id, part)
  ) STRICT;
  CREATE UNIQUE INDEX delivery_by_external_id ON delivery (channel_id, external_id) WHERE external_id IS NOT NULL;
  CREATE INDEX delivery_open ON delivery (conversation_id, number) WHERE state IN ('queued', 'attempting');
  CREATE INDEX delivery_due ON delivery (not_before, number) WHERE is_head = 1 AND state = 'queued';
  CREATE INDEX delivery_unreported ON delivery (number)
    WHERE is_reported = 0 AND state IN ('sent', 'failed', 'unknown');

  CREATE TABLE file_link (
    file_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (file_id, subject)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- The histories that this log went through, oldest first: each continues the one before it from after "since".
  CREATE TABLE lineage (
    number INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL UNIQUE,
    since INTEGER NOT NULL
  ) STRICT;
  INSERT INTO lineage (epoch, since) SELECT epoch, 0 FROM log_meta;
  `,
  `
  -- What the platform said of the part later; and whether an earlier attempt may have arrived without anybody knowing.
  ALTER TABLE delivery ADD COLUMN receipt TEXT CHECK (receipt IN ('sent', 'delivered', 'read', 'failed'));
  ALTER TABLE delivery ADD COLUMN may_have_arrived INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Files of erased subjects, until they are deleted from the disk.
  CREATE TABLE erased_file (file_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE INDEX file_link_by_subject ON file_link (subject);
  `,
];

/**
 * Brings the tables of one part of the relay (`auth`, `files`, `web-chat` …) to the newest of its numbered
 * `migrations`, in one transaction. Call it from the part's own store before anything is prepared.
 * @throws AppError `incompatible` when a newer version of the program has been at these tables
 */
export function migratePart(database: Database, part: string, migrations: readonly string[]): void {
  const migrate = database.transaction(() => {
    database.exec('CREATE TABLE IF NOT EXISTS part_version (part TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT');
    const row = database.prepare('SELECT version FROM part_version WHERE part = ?').get(part) as
      | { version: number }
      | undefined;
    const version = row?.version ?? 0;
    if (version > migrations.length) throw newerDatabase(`its "${part}" tables are of version ${version}`);
    if (version === migrations.length) return;
    for (const step of migrations.slice(version)) database.exec(step);
    database
      .prepare('INSERT INTO part_version VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET version = excluded.version')
      .run(part, migrations.length);
  });
  migrate.immediate();
}

export function newerDatabase(detail: string): AppError {
  return new AppError(
    'incompatible',
    `This database was written by a newer version of Liendesk (${detail}); start that version, or restore a backup.`,
    { reason: 'database-newer' },
  );
}
