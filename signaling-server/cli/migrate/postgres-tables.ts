/** Into which tables of PostgreSQL each part goes, look-up tables included (adapters/postgres/schema-001-first.ts). */
import { wordsOf } from '../../adapters/postgres/name-index.ts';
import type { ColumnType, CopyValue } from './copy-binary.ts';
import type { Part, Row } from './parts.ts';

/** The rows of one table that a row of a part makes. */
export interface TableRows<P extends Part> {
  readonly table: string;
  readonly columns: readonly (readonly [name: string, type: ColumnType])[];
  values(row: Row<P>): readonly (readonly CopyValue[])[];
}

type Tables = { readonly [P in Part]: readonly TableRows<P>[] };

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const userId = ['user_id', 'uuid'] as const;
const deviceId = ['device_id', 'uuid'] as const;
const conversationId = ['conversation_id', 'uuid'] as const;
const seq = ['seq', 'int8'] as const;
const at = ['at', 'int8'] as const;
const blob = ['blob', 'bytea'] as const;
const size = ['bytes', 'int8'] as const;
const link = ['link', 'bytea'] as const;
const createdAt = ['created_at', 'int8'] as const;
const tokenHash = ['token_hash', 'bytea'] as const;

const users: Tables['users'] = [
  {
    table: 'users',
    columns: [
      userId,
      ['username', 'text'],
      ['display_name', 'text'],
      ['email', 'text'],
      ['phone', 'text'],
      ['password_hash', 'text'],
      createdAt,
      ['last_active_at', 'int8'],
      ['disabled', 'bool'],
    ],
    values: (row) => [
      [
        row.user,
        row.username,
        row.displayName,
        row.email,
        row.phone,
        row.passwordHash,
        row.createdAt,
        row.lastActiveAt,
        row.disabled,
      ],
    ],
  },
  {
    table: 'usernames',
    columns: [['username', 'bytea'], userId],
    values: ({ username, user }) => [[bytes(username), user]],
  },
  {
    table: 'emails',
    columns: [['email', 'text'], userId],
    values: ({ email, user }) => (email === null ? [] : [[email, user]]),
  },
  {
    table: 'phones',
    columns: [['phone', 'text'], userId],
    values: ({ phone, user }) => (phone === null ? [] : [[phone, user]]),
  },
  {
    table: 'name_words',
    columns: [['initial', 'text'], ['of_username', 'bool'], ['word', 'bytea'], userId],
    values: ({ user, disabled, ...names }) =>
      disabled ? [] : wordsOf(names).map(({ initial, ofUsername, word }) => [initial, ofUsername, word, user]),
  },
];

const devices: Tables['devices'] = [
  {
    table: 'devices',
    columns: [
      userId,
      deviceId,
      ['name', 'text'],
      ['platform', 'text'],
      createdAt,
      ['last_active_at', 'int8'],
      ['generation', 'int8'],
      tokenHash,
    ],
    values: (row) => [
      [row.user, row.device, row.name, row.platform, row.createdAt, row.lastActiveAt, row.generation, row.tokenHash],
    ],
  },
  { table: 'device_users', columns: [deviceId, userId], values: ({ device, user }) => [[device, user]] },
  {
    table: 'tokens',
    columns: [tokenHash, userId, deviceId],
    values: (row) => (row.tokenHash === null ? [] : [[row.tokenHash, row.user, row.device]]),
  },
];

export const postgresTables: Tables = {
  users,
  devices,
  revokedTokens: [
    {
      table: 'revoked_tokens',
      columns: [tokenHash, userId, deviceId],
      values: (row) => [[row.tokenHash, row.user, row.device]],
    },
  ],
  invites: [
    {
      table: 'invites',
      columns: [
        ['hash', 'bytea'],
        ['label', 'text'],
        createdAt,
        ['expires_at', 'int8'],
        ['uses', 'int8'],
        ['max_uses', 'int8'],
        ['revoked', 'bool'],
      ],
      values: (row) => [[row.hash, row.label, row.createdAt, row.expiresAt, row.uses, row.maxUses, row.revoked]],
    },
  ],
  conversations: [
    {
      table: 'conversations',
      columns: [conversationId, ['kind', 'text'], ['epoch', 'int8'], createdAt, ['active_at', 'int8']],
      // Head and time of the newest message are worked out when the log is there.
      values: (row) => [[row.conversation, row.kind, row.epoch, row.createdAt, row.createdAt]],
    },
  ],
  members: [
    {
      table: 'members',
      columns: [conversationId, userId, ['delivered', 'int8'], ['read', 'int8']],
      values: (row) => [[row.conversation, row.user, row.delivered, row.read]],
    },
    { table: 'memberships', columns: [userId, conversationId], values: (row) => [[row.user, row.conversation]] },
  ],
  pairs: [
    {
      table: 'direct_pairs',
      columns: [['low_id', 'uuid'], ['high_id', 'uuid'], conversationId],
      values: (row) => [[row.low, row.high, row.conversation]],
    },
  ],
  log: [
    {
      table: 'log',
      columns: [
        conversationId,
        seq,
        ['message_id', 'uuid'],
        userId,
        deviceId,
        ['kind', 'text'],
        ['time', 'int8'],
        ['payload', 'bytea'],
      ],
      values: (row) => [
        [row.conversation, row.seq, row.message, row.user, row.device, row.kind, row.time, row.payload],
      ],
    },
  ],
  segments: [
    {
      table: 'cold_segments',
      columns: [
        conversationId,
        ['first_seq', 'int8'],
        ['last_seq', 'int8'],
        ['object', 'text'],
        size,
        ['hash', 'bytea'],
        link,
        ['least_id', 'uuid'],
        ['greatest_id', 'uuid'],
        ['noted_at', 'int8'],
        ['pruned', 'bool'],
      ],
      values: (row) => [
        [
          row.conversation,
          row.firstSeq,
          row.lastSeq,
          row.object,
          row.bytes,
          row.hash,
          row.link,
          row.leastId,
          row.greatestId,
          row.notedAt,
          row.pruned,
        ],
      ],
    },
  ],
  holds: [
    {
      table: 'blob_holds',
      columns: [conversationId, blob, userId, size, at],
      values: (row) => [[row.conversation, row.blob, row.user, row.bytes, row.at]],
    },
  ],
  uploads: [
    {
      table: 'blob_uploads',
      columns: [userId, blob, conversationId, size, at],
      values: (row) => [[row.user, row.blob, row.conversation, row.bytes, row.at]],
    },
  ],
  removals: [
    {
      table: 'blobs',
      columns: [blob, ['holds', 'int8'], ['removable', 'bool']],
      // Who holds it by now is counted when all holds are there.
      values: (row) => [[row.blob, 0, true]],
    },
  ],
  checkpoints: [
    {
      table: 'chain_checkpoints',
      columns: [conversationId, seq, link],
      values: (row) => [[row.conversation, row.seq, row.link]],
    },
  ],
  attestations: [
    {
      table: 'attestations',
      columns: [conversationId, userId, deviceId, seq, link, at],
      values: (row) => [[row.conversation, row.user, row.device, row.seq, row.link, row.at]],
    },
  ],
};
