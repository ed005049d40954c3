/** The schema of an account's history, step by step. Steps are only ever added at the end. */
import type { Migration } from './database.ts';

/**
 * Rowids of messages are relay time times 1,024 plus a counter, so that rowid order is time order over all
 * conversations and a search reads the newest hits first without sorting.
 * `content_kind` is null for envelopes that are not for people: kept, never shown or counted.
 */
const history: Migration = `
CREATE TABLE state (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  username TEXT NOT NULL,
  display_name TEXT NOT NULL
) STRICT;

CREATE TABLE conversations (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  head INTEGER NOT NULL,
  stored INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  active_at INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_by_activity ON conversations (active_at DESC, id);

CREATE TABLE cursors (
  conversation INTEGER NOT NULL REFERENCES conversations,
  person INTEGER NOT NULL REFERENCES people,
  delivered INTEGER NOT NULL,
  read INTEGER NOT NULL,
  PRIMARY KEY (conversation, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
  rowid INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL REFERENCES conversations,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  sender INTEGER NOT NULL REFERENCES people,
  device TEXT NOT NULL,
  own INTEGER NOT NULL,
  kind TEXT NOT NULL,
  time INTEGER NOT NULL,
  content_kind TEXT,
  text TEXT,
  reply_to TEXT,
  payload BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_by_seq ON messages (conversation, seq);
CREATE UNIQUE INDEX messages_by_id ON messages (id, conversation);
CREATE INDEX messages_of_others ON messages (conversation, seq) WHERE own = 0 AND content_kind IS NOT NULL;

CREATE VIRTUAL TABLE message_index USING fts5(
  text, content='messages', content_rowid='rowid', tokenize='trigram remove_diacritics 1'
);

CREATE TABLE displaced_messages (
  conversation TEXT NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  sender TEXT NOT NULL,
  time INTEGER NOT NULL,
  payload BLOB NOT NULL
) STRICT;

CREATE TABLE outbox (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  content BLOB NOT NULL,
  text TEXT,
  reply_to TEXT,
  typed_at INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'queued',
  failure_code TEXT,
  failure_message TEXT,
  epoch INTEGER,
  payload BLOB
) STRICT;
CREATE INDEX outbox_by_conversation ON outbox (conversation, key);

CREATE TABLE drafts (
  conversation TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

/**
 * `media` holds what messages say of their files, a row a file, for messages that are in the log; those in the outbox
 * have it in their content. `sources` of the outbox says where the bytes of files come from that are not sealed yet
 * (state `preparing`); null once they are. `have` of a blob is a bitmap, lowest bit of the first byte first.
 */
const media: Migration = `
CREATE TABLE media (
  key INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES messages (rowid) ON DELETE CASCADE,
  item INTEGER NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversations,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  width INTEGER,
  height INTEGER,
  duration_ms INTEGER,
  blob TEXT NOT NULL,
  thumbnail BLOB,
  waveform BLOB
) STRICT;
CREATE UNIQUE INDEX media_by_message ON media (message, item);
CREATE INDEX media_by_conversation ON media (conversation, kind, message);
CREATE INDEX media_by_blob ON media (blob);

CREATE TABLE blobs (
  id TEXT PRIMARY KEY,
  key BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  have BLOB NOT NULL DEFAULT x'',
  whole INTEGER NOT NULL DEFAULT 0,
  saved_as TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE transfers (
  blob TEXT PRIMARY KEY REFERENCES blobs (id) ON DELETE CASCADE,
  direction TEXT NOT NULL,
  conversation TEXT NOT NULL,
  message TEXT NOT NULL,
  item INTEGER NOT NULL,
  state TEXT NOT NULL,
  published INTEGER NOT NULL DEFAULT 0,
  failure_code TEXT,
  failure_message TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
  blob TEXT NOT NULL REFERENCES transfers (blob) ON DELETE CASCADE,
  user TEXT NOT NULL,
  PRIMARY KEY (blob, user)
) STRICT, WITHOUT ROWID;

ALTER TABLE outbox ADD COLUMN sources BLOB;
`;

/**
 * `message_changes` holds edits, deletions and reactions, whether their target is here yet or not; what they come to is
 * written into the target: `edited_seq` and `text` (what it said before stays in `original_text`), `deleted_seq` (text,
 * payload and files are gone then, the hash of the payload stays for the chain), `reactions`. `released_blobs` are those
 * that deleted messages had, until their bytes are gone. `kind` of the outbox: `message` for what is shown as one of its
 * own; `edit`, `delete` and `reaction` change their `target`; `account` is for the account's devices.
 *
 * `chain_checkpoints` has links of the chain of what is stored here, every 256 messages and at the end of what was folded;
 * one that is `told` came from the relay, because neither it nor this device has the messages before. They go with the
 * first message that is taken out, whoever does it.
 *
 * `account_values` is what the account's devices agree on, as of `message` at `seq` of the conversation with oneself;
 * `account_changes` what was changed here and is not in that log yet, with the waiting message that carries it, if one
 * does. What they come to is written into `conversation_marks` and `drafts`; a draft is `unshared` while it was typed here
 * and is in none of the two. `known_devices` are those of the account; `news` of one (JSON) stands until the person was
 * told.
 */
const sameData: Migration = `
ALTER TABLE messages ADD COLUMN edited_seq INTEGER;
ALTER TABLE messages ADD COLUMN deleted_seq INTEGER;
ALTER TABLE messages ADD COLUMN payload_hash BLOB;
ALTER TABLE messages ADD COLUMN original_text TEXT;
CREATE INDEX shown_messages ON messages (conversation, seq) WHERE content_kind IS NOT NULL;
CREATE INDEX messages_by_reply ON messages (reply_to) WHERE reply_to IS NOT NULL;
ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'message';
ALTER TABLE outbox ADD COLUMN target TEXT;
CREATE INDEX outbox_by_target ON outbox (target) WHERE target IS NOT NULL;

CREATE TABLE message_changes (
  conversation INTEGER NOT NULL REFERENCES conversations (key),
  target TEXT NOT NULL,
  seq INTEGER NOT NULL,
  person INTEGER NOT NULL REFERENCES people (key),
  kind TEXT NOT NULL,
  text TEXT,
  emoji TEXT,
  is_on INTEGER,
  PRIMARY KEY (conversation, target, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX message_changes_by_seq ON message_changes (conversation, seq);

CREATE TABLE reactions (
  conversation INTEGER NOT NULL REFERENCES conversations (key),
  target TEXT NOT NULL,
  emoji TEXT NOT NULL,
  person INTEGER NOT NULL REFERENCES people (key),
  seq INTEGER NOT NULL,
  PRIMARY KEY (conversation, target, emoji, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE released_blobs (
  blob TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE chain_checkpoints (
  conversation INTEGER NOT NULL REFERENCES conversations (key),
  seq INTEGER NOT NULL,
  link BLOB NOT NULL,
  told INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER chain_after_removal AFTER DELETE ON messages BEGIN
  DELETE FROM chain_checkpoints WHERE conversation = old.conversation AND seq >= old.seq;
END;

CREATE TABLE account_values (
  name TEXT PRIMARY KEY,
  value TEXT,
  seq INTEGER NOT NULL,
  message TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account_changes (
  name TEXT PRIMARY KEY,
  value TEXT,
  message TEXT,
  refused INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE conversation_marks (
  conversation TEXT PRIMARY KEY,
  pinned_at INTEGER,
  muted INTEGER NOT NULL DEFAULT 0,
  muted_until INTEGER
) STRICT, WITHOUT ROWID;

ALTER TABLE drafts ADD COLUMN unshared INTEGER NOT NULL DEFAULT 1;

CREATE TABLE known_devices (
  device TEXT PRIMARY KEY,
  news TEXT
) STRICT, WITHOUT ROWID;
`;

/**
 * A message that lost its place in the log, because the relay was put back to an earlier state, stays in `messages` with a
 * `seq` below zero, so that nothing that goes by the log meets it. `lost_place` says where it is shown among the seqs, and
 * `lost_read` whether the person had read it. It becomes a message of the log again when the relay has it again.
 */
const lostMessages: Migration = `
ALTER TABLE messages ADD COLUMN lost_place REAL;
ALTER TABLE messages ADD COLUMN lost_read INTEGER NOT NULL DEFAULT 0;
CREATE INDEX lost_messages ON messages (conversation, lost_place) WHERE lost_place IS NOT NULL;
CREATE TRIGGER chain_after_loss AFTER UPDATE OF seq ON messages BEGIN
  DELETE FROM chain_checkpoints WHERE conversation = old.conversation AND seq >= old.seq;
END;
`;

/**
 * The newest messages of a long conversation come before the rest: `ahead_from` to `ahead_to` is what is stored of them, until
 * the rest is here. Own messages among the lost that may be sent again (`lost_read` is not 2) are found without looking
 * through all others.
 */
const newestFirst: Migration = `
ALTER TABLE conversations ADD COLUMN ahead_from INTEGER;
ALTER TABLE conversations ADD COLUMN ahead_to INTEGER;
CREATE INDEX lost_own_messages ON messages (conversation, lost_place)
  WHERE lost_place IS NOT NULL AND own = 1 AND lost_read <> 2;
`;

export const historyMigrations: readonly Migration[] = [history, media, sameData, lostMessages, newestFirst];

/** The small database of a profile: who is logged in, and which relay was used last. */
export const profileMigrations: readonly Migration[] = [
  'CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;',
];
