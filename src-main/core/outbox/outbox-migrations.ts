/** Steps that bring `outbox.db` up to date, in order; the file's `user_version` counts those done. Never edited, only added to. */
export const outboxMigrations: readonly string[] = [
  `
  CREATE TABLE device (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,
    nextN INTEGER NOT NULL
  ) STRICT;

  -- waiting: not sent; sent: under way, or sent without an answer; confirmed: has its seq, which the cache has not
  -- reached; blocked: waits for a refused command; settled: done, kept for a while.
  CREATE TABLE command (
    id TEXT PRIMARY KEY,
    n INTEGER NOT NULL UNIQUE,
    type TEXT NOT NULL,
    v INTEGER NOT NULL,
    subjects TEXT NOT NULL,
    args TEXT NOT NULL,
    base TEXT,
    after TEXT,
    clientAt REAL NOT NULL,
    at REAL NOT NULL,
    fileIds TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'confirmed', 'blocked', 'settled')),
    attempts INTEGER NOT NULL,
    seq INTEGER,
    blockedBy TEXT,
    settledAt REAL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX command_by_state ON command (state, n);

  CREATE TABLE attention (
    commandId TEXT PRIMARY KEY,
    n INTEGER NOT NULL,
    type TEXT NOT NULL,
    v INTEGER NOT NULL,
    subjects TEXT NOT NULL,
    args TEXT NOT NULL,
    base TEXT,
    error TEXT NOT NULL,
    at REAL NOT NULL,
    resolvedAt REAL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE draft (
    conversationId TEXT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    caret INTEGER NOT NULL,
    attachments TEXT NOT NULL,
    updatedAt REAL NOT NULL,
    PRIMARY KEY (conversationId, kind)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE seen (conversationId TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE file (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    mediaType TEXT NOT NULL,
    size INTEGER NOT NULL,
    addedAt REAL NOT NULL,
    isUploaded INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE fileChunk (fileId TEXT NOT NULL, start INTEGER NOT NULL, content BLOB NOT NULL) STRICT;
  CREATE INDEX fileChunk_by_place ON fileChunk (fileId, start);

  CREATE TABLE session (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    relayUrl TEXT NOT NULL,
    email TEXT NOT NULL,
    agentId TEXT NOT NULL,
    refreshToken TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- What of a draft the agent's other machines have not got (isOwn), what of theirs it continues (version), and which of
  -- their texts took its place here last (edition). An empty one that is own waits to be cleared there.
  ALTER TABLE draft ADD COLUMN version TEXT;
  ALTER TABLE draft ADD COLUMN edition TEXT;
  ALTER TABLE draft ADD COLUMN isOwn INTEGER NOT NULL DEFAULT 1;
  `,
];
