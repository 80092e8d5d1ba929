/** Tables of sign-in; see `migratePart`. What is secret is kept as a hash. */
export const authMigrations: readonly string[] = [
  `
  CREATE TABLE credential (
    agent_id TEXT PRIMARY KEY,
    password_hash TEXT NOT NULL,
    changed_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE session (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    device_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_by_agent ON session (agent_id);

  CREATE TABLE refresh_token (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('issued', 'last-used', 'spent')),
    issued_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX refresh_token_by_session ON refresh_token (session_id);

  CREATE TABLE one_time_token (
    hash BLOB PRIMARY KEY,
    agent_id TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('invitation', 'password-reset')),
    expires_at INTEGER NOT NULL,
    UNIQUE (agent_id, purpose)
  ) STRICT, WITHOUT ROWID;
  `,
];
