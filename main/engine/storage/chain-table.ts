/** What the proof reads of the messages, and the links of the chains that were computed from them (P6). */
import { hash } from 'node:crypto';
import type { ChainedMessage, ConversationId, DeviceId, Envelope, MessageId } from '../../../protocol/index.ts';
import type { ConversationsTable } from './conversations-table.ts';
import type { Database } from './database.ts';

/** A link that is remembered. */
export interface Checkpoint {
  readonly seq: number;
  readonly link: Uint8Array;
  /** The relay told it, because neither it nor this device has the messages before: the proof begins behind it. */
  readonly told: boolean;
}

/** A message as the chain sees it, and how much was read for it. */
export interface StoredLink extends ChainedMessage {
  readonly payloadBytes: number;
}

export interface ChainTable {
  /** The newest checkpoint at or before a seq. */
  checkpoint(conversation: ConversationId, seq: number): Checkpoint | null;
  /** Those with `after` < seq <= `upTo`, in order. */
  checkpoints(conversation: ConversationId, after: number, upTo: number): Checkpoint[];
  /** The newest one that was told. */
  base(conversation: ConversationId): Checkpoint | null;
  keep(conversation: ConversationId, checkpoint: Checkpoint): void;
  forget(conversation: ConversationId, seq: number): void;
  /** Forgets all from a seq on. */
  forgetFrom(conversation: ConversationId, seq: number): void;
  /** Messages with `after` < seq <= `upTo`, in order. Nothing else may be asked of the database before it is read through. */
  messages(conversation: ConversationId, after: number, upTo: number): Iterable<StoredLink>;
  /** The first seq after another at which a message is stored; null when there is none. */
  nextSeq(conversation: ConversationId, after: number): number | null;
  /**
   * The relay tells which device an own message came from: one that was accepted again after a new log-in had been sent by
   * the device before.
   */
  learnDevice(conversation: ConversationId, envelope: Envelope): void;
  /** Whether the very message of this envelope is stored in its place, with its time. */
  holds(conversation: ConversationId, envelope: Envelope): boolean;
}

interface CheckpointRow {
  seq: number;
  link: Uint8Array;
  told: number;
}

interface LinkRow {
  seq: number;
  device: DeviceId;
  id: MessageId;
  payload: Uint8Array;
  payload_hash: Uint8Array | null;
  time: number;
}

export function createChainTable(database: Database, conversations: ConversationsTable): ChainTable {
  const columns = 'SELECT seq, link, told FROM chain_checkpoints WHERE conversation = ?';
  const selectNewest = database.prepare<[number, number], CheckpointRow>(
    `${columns} AND seq <= ? ORDER BY seq DESC LIMIT 1`,
  );
  const selectBetween = database.prepare<[number, number, number], CheckpointRow>(
    `${columns} AND seq > ? AND seq <= ? ORDER BY seq`,
  );
  const selectBase = database.prepare<[number], CheckpointRow>(`${columns} AND told = 1 ORDER BY seq DESC LIMIT 1`);
  const upsert = database.prepare<[number, number, Uint8Array, number]>(`
    INSERT INTO chain_checkpoints (conversation, seq, link, told) VALUES (?, ?, ?, ?)
    ON CONFLICT (conversation, seq) DO UPDATE SET link = excluded.link, told = excluded.told`);
  const eraseOne = database.prepare<[number, number]>(
    'DELETE FROM chain_checkpoints WHERE conversation = ? AND seq = ?',
  );
  const eraseFrom = database.prepare<[number, number]>(
    'DELETE FROM chain_checkpoints WHERE conversation = ? AND seq >= ?',
  );
  const rows = 'SELECT seq, device, id, payload, payload_hash, time FROM messages WHERE conversation = ?';
  const selectMessages = database.prepare<[number, number, number], LinkRow>(
    `${rows} AND seq > ? AND seq <= ? ORDER BY seq`,
  );
  const selectMessage = database.prepare<[number, number], LinkRow>(`${rows} AND seq = ?`);
  const selectNext = database
    .prepare<[number, number], number | null>('SELECT min(seq) FROM messages WHERE conversation = ? AND seq > ?')
    .pluck();
  const updateDevice = database.prepare<[string, number, number, string, string]>(
    'UPDATE messages SET device = ? WHERE conversation = ? AND seq = ? AND id = ? AND device <> ?',
  );
  const { keyOf } = conversations;

  return {
    checkpoint: (conversation, seq) => toCheckpoint(selectNewest.get(keyOf(conversation), seq)),
    checkpoints: (conversation, after, upTo) =>
      selectBetween
        .all(keyOf(conversation), after, upTo)
        .map(({ seq, link, told }) => ({ seq, link, told: told === 1 })),
    base: (conversation) => toCheckpoint(selectBase.get(keyOf(conversation))),
    keep: (conversation, { seq, link, told }) => void upsert.run(keyOf(conversation), seq, link, told ? 1 : 0),
    forget: (conversation, seq) => void eraseOne.run(keyOf(conversation), seq),
    forgetFrom: (conversation, seq) => void eraseFrom.run(keyOf(conversation), seq),
    *messages(conversation, after, upTo) {
      for (const row of selectMessages.iterate(keyOf(conversation), after, upTo)) yield toStoredLink(row);
    },
    nextSeq: (conversation, after) => selectNext.get(keyOf(conversation), after) ?? null,
    learnDevice(conversation, { seq, id, device }) {
      const key = keyOf(conversation);
      if (updateDevice.run(device, key, seq, id, device).changes > 0) eraseFrom.run(key, seq);
    },
    holds(conversation, { seq, id, device, payload, time }) {
      const row = selectMessage.get(keyOf(conversation), seq);
      if (row?.id !== id || row.device !== device || row.time !== time) return false;
      return Buffer.compare(hashOf(row), sha256(payload)) === 0;
    },
  };
}

function toCheckpoint(row: CheckpointRow | undefined): Checkpoint | null {
  return row ? { seq: row.seq, link: row.link, told: row.told === 1 } : null;
}

function toStoredLink(row: LinkRow): StoredLink {
  const { seq, device, id, payload } = row;
  return { seq, device, id, payloadHash: hashOf(row), payloadBytes: payload.byteLength };
}

/** Of a message that was taken back only the hash of its payload is left; no other payload is empty. */
function hashOf({ payload, payload_hash: kept }: LinkRow): Uint8Array {
  return payload.byteLength === 0 && kept !== null ? kept : sha256(payload);
}

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}
