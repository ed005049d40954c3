/** How each part is read from a PostgreSQL database: in the order of its key, from a key on. */
import type { Part } from './parts.ts';
import type { ReadStep } from './sqlite-reads.ts';

const conversation = 'conversation_id AS conversation, conversation_id AS k0';
const nil = '00000000-0000-0000-0000-000000000000';

const logRead = `SELECT ${conversation}, seq AS k1, seq, message_id AS message, user_id AS "user", device_id AS device,
  kind, time, payload FROM log WHERE (conversation_id, seq) > ($1, $2)`;

/** Each takes, after its keys, how many rows at most. */
export const postgresReads: Readonly<Record<Part, ReadStep>> = {
  users: {
    sql: `SELECT user_id AS k0, user_id AS "user", username, display_name AS "displayName", email, phone,
        password_hash AS "passwordHash", created_at AS "createdAt", last_active_at AS "lastActiveAt", disabled
      FROM users WHERE user_id > $1 ORDER BY user_id LIMIT $2`,
    start: [nil],
  },
  devices: {
    sql: `SELECT user_id AS k0, device_id AS k1, user_id AS "user", device_id AS device, name, platform,
        created_at AS "createdAt", last_active_at AS "lastActiveAt", generation, token_hash AS "tokenHash"
      FROM devices WHERE (user_id, device_id) > ($1, $2) ORDER BY user_id, device_id LIMIT $3`,
    start: [nil, nil],
  },
  revokedTokens: {
    sql: `SELECT encode(token_hash, 'hex') AS k0, token_hash AS "tokenHash", user_id AS "user", device_id AS device
      FROM revoked_tokens WHERE token_hash > decode($1, 'hex') ORDER BY token_hash LIMIT $2`,
    start: [''],
  },
  invites: {
    sql: `SELECT encode(hash, 'hex') AS k0, hash, label, created_at AS "createdAt", expires_at AS "expiresAt", uses,
        max_uses AS "maxUses", revoked
      FROM invites WHERE hash > decode($1, 'hex') ORDER BY hash LIMIT $2`,
    start: [''],
  },
  conversations: {
    sql: `SELECT ${conversation}, kind, epoch, created_at AS "createdAt"
      FROM conversations WHERE conversation_id > $1 ORDER BY conversation_id LIMIT $2`,
    start: [nil],
  },
  members: {
    sql: `SELECT ${conversation}, user_id AS k1, user_id AS "user", delivered, read
      FROM members WHERE (conversation_id, user_id) > ($1, $2) ORDER BY conversation_id, user_id LIMIT $3`,
    start: [nil, nil],
  },
  pairs: {
    sql: `SELECT low_id AS k0, high_id AS k1, low_id AS low, high_id AS high, conversation_id AS conversation
      FROM direct_pairs WHERE (low_id, high_id) > ($1, $2) ORDER BY low_id, high_id LIMIT $3`,
    start: [nil, nil],
  },
  log: { sql: `${logRead} ORDER BY conversation_id, seq LIMIT $3`, start: [nil, 0] },
  segments: {
    sql: `SELECT ${conversation}, first_seq AS k1, first_seq AS "firstSeq", last_seq AS "lastSeq", object, bytes, hash, link,
        least_id AS "leastId", greatest_id AS "greatestId", noted_at AS "notedAt", pruned
      FROM cold_segments WHERE (conversation_id, first_seq) > ($1, $2) ORDER BY conversation_id, first_seq LIMIT $3`,
    start: [nil, 0],
  },
  holds: {
    sql: `SELECT ${conversation}, encode(blob, 'hex') AS k1, user_id AS k2, blob, user_id AS "user", bytes, at
      FROM blob_holds WHERE (conversation_id, blob, user_id) > ($1, decode($2, 'hex'), $3)
      ORDER BY conversation_id, blob, user_id LIMIT $4`,
    start: [nil, '', nil],
  },
  uploads: {
    sql: `SELECT user_id AS k0, encode(blob, 'hex') AS k1, conversation_id AS k2, user_id AS "user", blob,
        conversation_id AS conversation, bytes, at
      FROM blob_uploads WHERE (user_id, blob, conversation_id) > ($1, decode($2, 'hex'), $3)
      ORDER BY user_id, blob, conversation_id LIMIT $4`,
    start: [nil, '', nil],
  },
  removals: {
    sql: `SELECT encode(blob, 'hex') AS k0, blob FROM blobs WHERE removable AND blob > decode($1, 'hex')
      ORDER BY blob LIMIT $2`,
    start: [''],
  },
  checkpoints: {
    sql: `SELECT ${conversation}, seq AS k1, seq, link FROM chain_checkpoints
      WHERE (conversation_id, seq) > ($1, $2) ORDER BY conversation_id, seq LIMIT $3`,
    start: [nil, 0],
  },
  attestations: {
    sql: `SELECT ${conversation}, user_id AS k1, device_id AS k2, user_id AS "user", device_id AS device, seq, link, at
      FROM attestations WHERE (conversation_id, user_id, device_id) > ($1, $2, $3)
      ORDER BY conversation_id, user_id, device_id LIMIT $4`,
    start: [nil, nil, nil],
  },
};

/** After the keys: the first and the last conversation, and how many rows at most. */
export const postgresLogWindow: ReadStep = {
  sql: `${logRead} AND conversation_id BETWEEN $3 AND $4 ORDER BY conversation_id, seq LIMIT $5`,
  start: [nil, 0],
};
