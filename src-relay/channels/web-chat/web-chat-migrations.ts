/** Numbered steps of the web chat's own tables; a released step is never edited. */
export const webChatMigrations: readonly string[] = [
  `
  CREATE TABLE web_chat_channel (
    channel_id TEXT PRIMARY KEY,
    widget_key TEXT NOT NULL UNIQUE,
    settings TEXT NOT NULL,
    identity_secret TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- A person as this channel knows them; several browsers may belong to one.
  CREATE TABLE web_chat_customer (
    customer_id TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL,
    -- The id proven by HMAC; null for a visitor whom nobody vouched for.
    identity_id TEXT,
    name TEXT,
    email TEXT,
    phone TEXT,
    language TEXT,
    conversation_id TEXT,
    -- Seq of the newest feed entry.
    head INTEGER NOT NULL DEFAULT 0,
    received_up_to INTEGER NOT NULL DEFAULT 0,
    read_up_to INTEGER NOT NULL DEFAULT 0,
    -- The customer this one turned out to be.
    continued_by TEXT,
    UNIQUE (channel_id, identity_id)
  ) STRICT, WITHOUT ROWID;

  -- A browser, known by the hash of its secret.
  CREATE TABLE web_chat_visitor (
    visitor_id TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    customer_id TEXT NOT NULL,
    last_seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX web_chat_visitor_by_customer ON web_chat_visitor (customer_id);

  CREATE TABLE web_chat_conversation (
    conversation_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE web_chat_feed (
    customer_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    part INTEGER NOT NULL,
    conversation_id TEXT NOT NULL,
    author TEXT NOT NULL CHECK (author IN ('customer', 'agent')),
    agent_name TEXT,
    client_id TEXT,
    text TEXT NOT NULL,
    attachments TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (customer_id, seq),
    UNIQUE (message_id, part)
  ) STRICT, WITHOUT ROWID;

  -- What a browser handed in. The request is kept until the relay's log has it, and the hash after that, so that a
  -- repetition is told from another message under the same id.
  CREATE TABLE web_chat_inbound (
    -- Order of arrival, in which they are submitted again.
    number INTEGER PRIMARY KEY,
    external_id TEXT NOT NULL UNIQUE,
    visitor_id TEXT NOT NULL,
    payload_hash TEXT NOT NULL,
    request TEXT,
    message_id TEXT,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX web_chat_inbound_pending ON web_chat_inbound (number) WHERE message_id IS NULL;

  CREATE TABLE web_chat_upload (
    upload_id TEXT PRIMARY KEY,
    visitor_id TEXT NOT NULL,
    attachment TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Which files a customer may fetch.
  CREATE TABLE web_chat_file (
    customer_id TEXT NOT NULL,
    file_id TEXT NOT NULL,
    PRIMARY KEY (customer_id, file_id)
  ) STRICT, WITHOUT ROWID;
  `,
];
