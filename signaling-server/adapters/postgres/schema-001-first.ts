/**
 * The first schema. Every table is keyed first by what it is spread over machines by (its distribution key): data of a
 * conversation by the conversation's id, data of a user by the user's id, and small look-up tables by themselves. So
 * every query finds its rows on one machine, and no transaction needs a counter that all share.
 *
 * - No foreign keys: they would reach from one machine to another, and whoever writes has just read the other side.
 * - No sequences, no triggers, and names ordered as bytes, so that every engine orders them alike.
 * - Times are milliseconds since 1970 by the relays' clocks.
 * - Each statement may run twice: some engines do not undo a schema change when a transaction fails.
 *
 * `meta`, which is made before any step, keeps the schema's version, the relay's id, and how far a migration came.
 */
import { distributeTable } from './distribute-table.ts';
import type { Engine } from './engine.ts';

/** For good: another number would mean rewriting the log. */
const logPartitions = 16;

export function firstSchema(engine: Engine): readonly string[] {
  return [
    ...userTables,
    ...deviceTables,
    ...conversationTables(engine),
    ...logTables(engine),
    ...blobTables,
    ...chainTables,
    ...(engine.distributesTables ? distribute : []),
  ];
}

const userTables = [
  `CREATE TABLE IF NOT EXISTS users (
    user_id uuid PRIMARY KEY,
    username text NOT NULL,
    display_name text NOT NULL,
    email text,
    phone text,
    password_hash text NOT NULL,
    created_at bigint NOT NULL,
    last_active_at bigint,
    disabled boolean NOT NULL DEFAULT false
  )`,
  // Whose a name is. The name in UTF-8, as are words.
  'CREATE TABLE IF NOT EXISTS usernames (username bytea PRIMARY KEY, user_id uuid NOT NULL)',
  'CREATE TABLE IF NOT EXISTS emails (email text PRIMARY KEY, user_id uuid NOT NULL)',
  'CREATE TABLE IF NOT EXISTS phones (phone text PRIMARY KEY, user_id uuid NOT NULL)',
  // What accounts are found by that are not disabled: the username, and the display name from the start of each of its
  // words on, folded. Spread by the first character, which every search knows.
  `CREATE TABLE IF NOT EXISTS name_words (
    initial text NOT NULL,
    of_username boolean NOT NULL,
    word bytea NOT NULL,
    user_id uuid NOT NULL,
    PRIMARY KEY (initial, of_username, word, user_id)
  )`,
  `CREATE TABLE IF NOT EXISTS invites (
    hash bytea PRIMARY KEY,
    label text NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    expires_at bigint,
    uses bigint NOT NULL,
    max_uses bigint NOT NULL,
    revoked boolean NOT NULL
  )`,
];

const deviceTables = [
  `CREATE TABLE IF NOT EXISTS devices (
    user_id uuid NOT NULL,
    device_id uuid NOT NULL,
    name text NOT NULL,
    platform text NOT NULL,
    created_at bigint NOT NULL,
    last_active_at bigint NOT NULL,
    generation bigint NOT NULL DEFAULT 0,
    -- Null once revoked; the row stays, since messages name it.
    token_hash bytea,
    PRIMARY KEY (user_id, device_id)
  )`,
  // Whose a device is, and whose a token that stands, and one that was revoked to be erased.
  'CREATE TABLE IF NOT EXISTS device_users (device_id uuid PRIMARY KEY, user_id uuid NOT NULL)',
  `CREATE TABLE IF NOT EXISTS tokens (
    token_hash bytea PRIMARY KEY, user_id uuid NOT NULL, device_id uuid NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS revoked_tokens (
    token_hash bytea PRIMARY KEY, user_id uuid NOT NULL, device_id uuid NOT NULL
  )`,
];

/** Heads move with each message: room in the page keeps the new row where the old one was, and the index as it is. */
function conversationTables({ tunesStorage }: Engine): string[] {
  const roomy = tunesStorage ? 'WITH (fillfactor = 50)' : '';
  return [
    `CREATE TABLE IF NOT EXISTS conversations (
      conversation_id uuid PRIMARY KEY,
      kind text NOT NULL,
      epoch bigint NOT NULL DEFAULT 0,
      -- The greatest seq of its log, and the time of that message; of an empty one, when it was made.
      head bigint NOT NULL DEFAULT 0,
      active_at bigint NOT NULL,
      created_at bigint NOT NULL
    ) ${roomy}`,
    `CREATE TABLE IF NOT EXISTS members (
      conversation_id uuid NOT NULL,
      user_id uuid NOT NULL,
      delivered bigint NOT NULL DEFAULT 0,
      read bigint NOT NULL DEFAULT 0,
      PRIMARY KEY (conversation_id, user_id)
    ) ${roomy}`,
    // The same once more, to be found by the user.
    `CREATE TABLE IF NOT EXISTS memberships (
      user_id uuid NOT NULL,
      conversation_id uuid NOT NULL,
      PRIMARY KEY (user_id, conversation_id)
    )`,
    // The lesser id of the two first; both the same for a conversation with oneself.
    `CREATE TABLE IF NOT EXISTS direct_pairs (
      low_id uuid NOT NULL,
      high_id uuid NOT NULL,
      conversation_id uuid NOT NULL,
      PRIMARY KEY (low_id, high_id)
    )`,
  ];
}

function logTables({ partitionsLog, tunesStorage }: Engine): string[] {
  const log = `CREATE TABLE IF NOT EXISTS log (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    message_id uuid NOT NULL,
    user_id uuid NOT NULL,
    device_id uuid NOT NULL,
    kind text NOT NULL,
    time bigint NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (conversation_id, seq),
    UNIQUE (conversation_id, message_id)
  )`;
  const partitions = Array.from({ length: partitionsLog ? logPartitions : 0 }, (_, remainder) => {
    const name = `log_${String(remainder).padStart(2, '0')}`;
    return `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF log FOR VALUES WITH (MODULUS ${logPartitions}, REMAINDER ${remainder})`;
  });
  return [
    partitionsLog ? `${log} PARTITION BY HASH (conversation_id)` : log,
    ...partitions,
    // Sealed bytes cannot be compressed; trying to costs time for nothing.
    ...(tunesStorage ? ['ALTER TABLE log ALTER COLUMN payload SET STORAGE EXTERNAL'] : []),
  ];
}

const blobTables = [
  `CREATE TABLE IF NOT EXISTS blob_holds (
    conversation_id uuid NOT NULL,
    blob bytea NOT NULL,
    user_id uuid NOT NULL,
    bytes bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (conversation_id, blob, user_id)
  )`,
  'CREATE INDEX IF NOT EXISTS blob_holds_at ON blob_holds (at)',
  `CREATE TABLE IF NOT EXISTS blob_uploads (
    user_id uuid NOT NULL,
    blob bytea NOT NULL,
    conversation_id uuid NOT NULL,
    bytes bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (user_id, blob, conversation_id)
  )`,
  'CREATE INDEX IF NOT EXISTS blob_uploads_at ON blob_uploads (at)',
  // How many rows of blob_holds name the blob, and whether its last holder let go of it. No row: nobody ever held it.
  `CREATE TABLE IF NOT EXISTS blobs (
    blob bytea PRIMARY KEY,
    holds bigint NOT NULL,
    removable boolean NOT NULL
  )`,
  'CREATE INDEX IF NOT EXISTS blobs_removable ON blobs (blob) WHERE removable',
  // The sum of the user's rows of blob_holds. Whoever changes what a user holds or sends locks the row first.
  'CREATE TABLE IF NOT EXISTS blob_usage (user_id uuid PRIMARY KEY, held_bytes bigint NOT NULL)',
];

const chainTables = [
  `CREATE TABLE IF NOT EXISTS chain_checkpoints (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    link bytea NOT NULL,
    PRIMARY KEY (conversation_id, seq)
  )`,
  `CREATE TABLE IF NOT EXISTS attestations (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    device_id uuid NOT NULL,
    seq bigint NOT NULL,
    link bytea NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (conversation_id, user_id, device_id)
  )`,
];

const distributionKeys = {
  users: 'user_id',
  devices: 'user_id',
  memberships: 'user_id',
  blob_uploads: 'user_id',
  blob_usage: 'user_id',
  direct_pairs: 'low_id',
  conversations: 'conversation_id',
  members: 'conversation_id',
  log: 'conversation_id',
  blob_holds: 'conversation_id',
  chain_checkpoints: 'conversation_id',
  attestations: 'conversation_id',
  usernames: 'username',
  emails: 'email',
  phones: 'phone',
  name_words: 'initial',
  device_users: 'device_id',
  tokens: 'token_hash',
  revoked_tokens: 'token_hash',
  blobs: 'blob',
};

const distribute = Object.entries(distributionKeys).map(([table, key]) => distributeTable(table, key));
