/** How each part is read from the embedded database: in the order of its key, from a key on. */
import type { Part } from './parts.ts';
import type { Position } from './sides.ts';

/** `sql` takes the keys and gives them back as `k0`, `k1` …, beside the part's columns by their names. */
export interface ReadStep {
  readonly sql: string;
  /** Before the first row. */
  readonly start: Position;
}

const conversation = 'c.public_id AS conversation';
const user = 'u.public_id AS "user"';
const device = 'd.public_id AS device';

/** Conversation, user and device by the integers of their rows: few of each have many messages. */
const logColumns = 'id AS k0, conversation, seq, message, user, device, kind, time, payload';

export const sqliteReads: Readonly<Record<Part, ReadStep>> = {
  users: {
    sql: `SELECT id AS k0, public_id AS "user", username, display_name AS displayName, email, phone,
        password_hash AS passwordHash, created_at AS createdAt, last_active_at AS lastActiveAt, disabled
      FROM users WHERE id > ? ORDER BY id`,
    start: [0],
  },
  devices: {
    sql: `SELECT d.id AS k0, ${user}, ${device}, d.name, d.platform, d.created_at AS createdAt,
        d.last_active_at AS lastActiveAt, d.generation, d.token_hash AS tokenHash
      FROM devices d JOIN users u ON u.id = d.user WHERE d.id > ? ORDER BY d.id`,
    start: [0],
  },
  revokedTokens: {
    sql: `SELECT hex(r.token_hash) AS k0, r.token_hash AS tokenHash, ${user}, ${device}
      FROM revoked_tokens r JOIN devices d ON d.id = r.device JOIN users u ON u.id = d.user
      WHERE r.token_hash > unhex(?) ORDER BY r.token_hash`,
    start: [''],
  },
  invites: {
    sql: `SELECT label AS k0, hash, label, created_at AS createdAt, expires_at AS expiresAt, uses, max_uses AS maxUses,
        revoked
      FROM invites WHERE label > ? ORDER BY label`,
    start: [''],
  },
  conversations: {
    sql: `SELECT c.id AS k0, ${conversation}, c.kind, c.epoch, c.created_at AS createdAt
      FROM conversations c WHERE c.id > ? ORDER BY c.id`,
    start: [0],
  },
  members: {
    sql: `SELECT m.conversation AS k0, m.user AS k1, ${conversation}, ${user}, m.delivered, m.read
      FROM members m JOIN conversations c ON c.id = m.conversation JOIN users u ON u.id = m.user
      WHERE (m.conversation, m.user) > (?, ?) ORDER BY m.conversation, m.user`,
    start: [0, 0],
  },
  pairs: {
    sql: `SELECT p.low AS k0, p.high AS k1, min(a.public_id, b.public_id) AS low, max(a.public_id, b.public_id) AS high,
        ${conversation}
      FROM direct_pairs p JOIN users a ON a.id = p.low JOIN users b ON b.id = p.high
        JOIN conversations c ON c.id = p.conversation
      WHERE (p.low, p.high) > (?, ?) ORDER BY p.low, p.high`,
    start: [0, 0],
  },
  log: { sql: `SELECT ${logColumns} FROM log WHERE id > ? ORDER BY id`, start: [0] },
  segments: {
    sql: `SELECT s.conversation AS k0, s.first_seq AS k1, ${conversation}, s.first_seq AS firstSeq, s.last_seq AS lastSeq,
        s.object, s.bytes, s.hash, s.link, s.least_id AS leastId, s.greatest_id AS greatestId, s.noted_at AS notedAt,
        s.pruned
      FROM cold_segments s JOIN conversations c ON c.id = s.conversation
      WHERE (s.conversation, s.first_seq) > (?, ?) ORDER BY s.conversation, s.first_seq`,
    start: [0, 0],
  },
  holds: {
    sql: `SELECT h.conversation AS k0, hex(h.blob) AS k1, h.user AS k2, ${conversation}, h.blob, ${user}, h.bytes, h.at
      FROM blob_holds h JOIN conversations c ON c.id = h.conversation JOIN users u ON u.id = h.user
      WHERE (h.conversation, h.blob, h.user) > (?, unhex(?), ?) ORDER BY h.conversation, h.blob, h.user`,
    start: [0, '', 0],
  },
  uploads: {
    sql: `SELECT b.user AS k0, hex(b.blob) AS k1, b.conversation AS k2, ${user}, b.blob, ${conversation}, b.bytes, b.at
      FROM blob_uploads b JOIN users u ON u.id = b.user JOIN conversations c ON c.id = b.conversation
      WHERE (b.user, b.blob, b.conversation) > (?, unhex(?), ?) ORDER BY b.user, b.blob, b.conversation`,
    start: [0, '', 0],
  },
  removals: { sql: 'SELECT hex(blob) AS k0, blob FROM blob_removals WHERE blob > unhex(?) ORDER BY blob', start: [''] },
  checkpoints: {
    sql: `SELECT p.conversation AS k0, p.seq AS k1, ${conversation}, p.seq, p.link
      FROM chain_checkpoints p JOIN conversations c ON c.id = p.conversation
      WHERE (p.conversation, p.seq) > (?, ?) ORDER BY p.conversation, p.seq`,
    start: [0, 0],
  },
  attestations: {
    sql: `SELECT a.conversation AS k0, a.device AS k1, ${conversation}, ${user}, ${device}, a.seq, a.link, a.at
      FROM attestations a JOIN conversations c ON c.id = a.conversation JOIN devices d ON d.id = a.device
        JOIN users u ON u.id = d.user
      WHERE (a.conversation, a.device) > (?, ?) ORDER BY a.conversation, a.device`,
    start: [0, 0],
  },
};

/** After the key, it takes the first and the last id of the conversations. */
export const sqliteLogWindow: ReadStep = {
  sql: `SELECT ${logColumns} FROM log WHERE id > ? AND conversation IN (SELECT id FROM conversations
      WHERE public_id BETWEEN unhex(replace(?, '-', '')) AND unhex(replace(?, '-', ''))) ORDER BY id`,
  start: [0],
};
