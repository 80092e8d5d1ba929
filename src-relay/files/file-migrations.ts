/** Tables of stored files; see `migratePart`. Which subject shows which file is the event log's `file_link`. */
export const fileMigrations: readonly string[] = [
  `
  CREATE TABLE file (
    id TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    stored_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Who proved to have the content by uploading it. Knowing its hash proves nothing.
  CREATE TABLE file_uploader (
    file_id TEXT NOT NULL REFERENCES file (id) ON DELETE CASCADE,
    agent_id TEXT NOT NULL,
    uploaded_at INTEGER NOT NULL,
    PRIMARY KEY (file_id, agent_id)
  ) STRICT, WITHOUT ROWID;
  `,
];
