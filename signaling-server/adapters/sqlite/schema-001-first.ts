/**
 * The first schema. Public ids are 16-byte blobs, met once each; rows refer to one another by small integers.
 * `log` grows at its end only, and has no index that each commit would have to keep in order: see `log-index.ts`.
 * It names no parent tables: its writer has just read them, and looking each up again would cost as much as the insert.
 */
export const firstSchema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  public_id BLOB NOT NULL UNIQUE,
  username TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  email TEXT UNIQUE,
  phone TEXT UNIQUE,
  password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_active_at INTEGER,
  disabled INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The display name folded, from the start of each of its words on, so that a prefix finds any word.
CREATE TABLE user_words (
  word TEXT NOT NULL,
  user INTEGER NOT NULL REFERENCES users (id),
  PRIMARY KEY (word, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_words_user ON user_words (user);

CREATE TABLE devices (
  id INTEGER PRIMARY KEY,
  public_id BLOB NOT NULL UNIQUE,
  user INTEGER NOT NULL REFERENCES users (id),
  name TEXT NOT NULL,
  platform TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_active_at INTEGER NOT NULL,
  generation INTEGER NOT NULL DEFAULT 0,
  -- Null once revoked; the row stays, since messages name it.
  token_hash BLOB UNIQUE
) STRICT;
CREATE INDEX devices_user ON devices (user);

CREATE TABLE invites (
  label TEXT PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  uses INTEGER NOT NULL,
  max_uses INTEGER NOT NULL,
  revoked INTEGER NOT NULL
) STRICT;

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY,
  public_id BLOB NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  epoch INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
  conversation INTEGER NOT NULL REFERENCES conversations (id),
  user INTEGER NOT NULL REFERENCES users (id),
  delivered INTEGER NOT NULL DEFAULT 0,
  read INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_user ON members (user, conversation);

CREATE TABLE direct_pairs (
  low INTEGER NOT NULL REFERENCES users (id),
  high INTEGER NOT NULL REFERENCES users (id),
  conversation INTEGER NOT NULL REFERENCES conversations (id),
  PRIMARY KEY (low, high)
) STRICT, WITHOUT ROWID;

CREATE TABLE log (
  id INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  message BLOB NOT NULL,
  user INTEGER NOT NULL,
  device INTEGER NOT NULL,
  kind TEXT NOT NULL,
  time INTEGER NOT NULL,
  payload BLOB NOT NULL
) STRICT;

-- Where messages are: the rows of first_seq, first_seq + 1 … as a JSON list. Filled a while after the log, as is log_ids.
CREATE TABLE log_runs (
  conversation INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  rows TEXT NOT NULL,
  PRIMARY KEY (conversation, first_seq)
) STRICT, WITHOUT ROWID;

-- Which ids are taken, and where.
CREATE TABLE log_ids (
  conversation INTEGER NOT NULL,
  message BLOB NOT NULL,
  row INTEGER NOT NULL,
  PRIMARY KEY (conversation, message)
) STRICT, WITHOUT ROWID;

-- Every row of the log up to this one is in both; of later ones some may be.
CREATE TABLE log_indexed (through INTEGER NOT NULL) STRICT;
INSERT INTO log_indexed VALUES (0);
`;
