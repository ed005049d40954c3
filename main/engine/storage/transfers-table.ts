/** Which files travel, to whom they came, and how they stand; plus what the log says of who sent a blob where. */
import type { MediaRef } from '../../../bridge/media-views.ts';
import type { BlobId, ConversationId, MessageId, UserId } from '../../../protocol/index.ts';
import type { BlobRef } from '../blobs/blob-vault.ts';
import type { Database } from './database.ts';

/** `wanted` covers all that goes on by itself: waiting and moving are a matter of the moment, not of the disk. */
export type TransferRecordState = 'wanted' | 'paused' | 'done' | 'failed' | 'cancelled';

export interface TransferFailure {
  readonly code: string;
  readonly message: string;
}

export interface TransferRecord extends BlobRef {
  /** `in`: to be fetched; `out`: sealed here, to be handed to the others. */
  readonly direction: 'in' | 'out';
  readonly ref: MediaRef;
  readonly state: TransferRecordState;
  /** Whether the relay has it (`out`). */
  readonly published: boolean;
  readonly failure: TransferFailure | null;
  /** Relay time, as well as this device could tell. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type NewTransfer = Pick<TransferRecord, 'blob' | 'direction' | 'ref'> & { readonly now: number };

export interface TransfersTable {
  /** Begins as `wanted`; the blob must be in `blobs`. One that is there stays as it is. @returns whether it was added. */
  add(transfer: NewTransfer): boolean;
  /** An own file is to be handed out anew, to all and to the relay, as if it had never been; the blob must be in `blobs`. */
  renew(transfer: Omit<NewTransfer, 'direction'>): void;
  get(blob: BlobId): TransferRecord | null;
  /** Wanted, paused and failed ones, oldest first. */
  unfinished(): TransferRecord[];
  setState(blob: BlobId, state: TransferRecordState, failure: TransferFailure | null, now: number): void;
  setDirection(blob: BlobId, direction: 'in' | 'out'): void;
  setPublished(blob: BlobId, published: boolean): void;
  /** A device of that user has the whole file of an `out`. */
  addDelivery(blob: BlobId, user: UserId): void;
  deliveries(blob: BlobId): UserId[];
  /** The message of the log that brought the blob first. */
  refOf(blob: BlobId): MediaRef | null;
  /** Null for a message that is not in the log. */
  senderOf(ref: MediaRef): UserId | null;
  /** Where the blob was sent, by the log and by this table. */
  conversationsOf(blob: BlobId): ConversationId[];
}

interface TransferRow {
  blob: BlobId;
  key: Uint8Array;
  bytes: number;
  direction: 'in' | 'out';
  conversation: ConversationId;
  message: MessageId;
  item: number;
  state: TransferRecordState;
  published: number;
  failure_code: string | null;
  failure_message: string | null;
  created_at: number;
  updated_at: number;
}

export function createTransfersTable(database: Database): TransfersTable {
  const insert = database.prepare<[string, string, string, string, number, number, number]>(`
    INSERT INTO transfers (blob, direction, conversation, message, item, state, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, 'wanted', ?, ?) ON CONFLICT (blob) DO NOTHING`);
  const replace = database.prepare<[string, string, string, number, number, number]>(`
    INSERT INTO transfers (blob, direction, conversation, message, item, state, created_at, updated_at)
    VALUES (?, 'out', ?, ?, ?, 'wanted', ?, ?)
    ON CONFLICT (blob) DO UPDATE SET direction = 'out', conversation = excluded.conversation, message = excluded.message,
      item = excluded.item, state = 'wanted', published = 0, failure_code = NULL, failure_message = NULL,
      updated_at = excluded.updated_at`);
  const eraseDeliveries = database.prepare<[string]>('DELETE FROM deliveries WHERE blob = ?');
  const joined = 'SELECT t.*, b.key, b.bytes FROM transfers t JOIN blobs b ON b.id = t.blob';
  const select = database.prepare<[string], TransferRow>(`${joined} WHERE t.blob = ?`);
  const selectUnfinished = database.prepare<[], TransferRow>(
    `${joined} WHERE t.state IN ('wanted', 'paused', 'failed') ORDER BY t.created_at, t.message, t.item`,
  );
  const updateState = database.prepare<[string, string | null, string | null, number, string]>(
    'UPDATE transfers SET state = ?, failure_code = ?, failure_message = ?, updated_at = ? WHERE blob = ?',
  );
  const updateDirection = database.prepare<[string, string]>('UPDATE transfers SET direction = ? WHERE blob = ?');
  const updatePublished = database.prepare<[number, string]>('UPDATE transfers SET published = ? WHERE blob = ?');
  const insertDelivery = database.prepare<[string, string]>(
    'INSERT INTO deliveries (blob, user) SELECT blob, ? FROM transfers WHERE blob = ? ON CONFLICT DO NOTHING',
  );
  const selectDeliveries = database
    .prepare<[string], UserId>('SELECT user FROM deliveries WHERE blob = ? ORDER BY user')
    .pluck();
  const selectRef = database.prepare<[string], MediaRef>(`
    SELECT c.id AS conversation, m.id AS message, f.item FROM media f
    JOIN messages m ON m.rowid = f.message JOIN conversations c ON c.key = f.conversation
    WHERE f.blob = ? ORDER BY f.message, f.item LIMIT 1`);
  const selectSender = database
    .prepare<[string, string], UserId>(
      `SELECT p.id FROM messages m JOIN people p ON p.key = m.sender
       WHERE m.id = ? AND m.conversation = (SELECT key FROM conversations WHERE id = ?)`,
    )
    .pluck();
  const selectConversations = database
    .prepare<[string, string], ConversationId>(
      `SELECT c.id FROM media f JOIN conversations c ON c.key = f.conversation WHERE f.blob = ?
       UNION SELECT conversation FROM transfers WHERE blob = ?`,
    )
    .pluck();

  return {
    add({ blob, direction, ref, now }) {
      return insert.run(blob, direction, ref.conversation, ref.message, ref.item, now, now).changes > 0;
    },
    renew({ blob, ref: { conversation, message, item }, now }) {
      eraseDeliveries.run(blob);
      replace.run(blob, conversation, message, item, now, now);
    },
    get(blob) {
      const row = select.get(blob);
      return row ? toRecord(row) : null;
    },
    unfinished: () => selectUnfinished.all().map(toRecord),
    setState: (blob, state, failure, now) =>
      void updateState.run(state, failure?.code ?? null, failure?.message ?? null, now, blob),
    setDirection: (blob, direction) => void updateDirection.run(direction, blob),
    setPublished: (blob, published) => void updatePublished.run(published ? 1 : 0, blob),
    addDelivery: (blob, user) => void insertDelivery.run(user, blob),
    deliveries: (blob) => selectDeliveries.all(blob),
    refOf: (blob) => selectRef.get(blob) ?? null,
    senderOf: ({ message, conversation }) => selectSender.get(message, conversation) ?? null,
    conversationsOf: (blob) => selectConversations.all(blob, blob),
  };
}

function toRecord(row: TransferRow): TransferRecord {
  const { blob, key, bytes, direction, conversation, message, item, state } = row;
  return {
    blob,
    key,
    bytes,
    direction,
    ref: { conversation, message, item },
    state,
    published: row.published === 1,
    failure: row.failure_code === null ? null : { code: row.failure_code, message: row.failure_message ?? '' },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
