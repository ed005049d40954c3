/** What files take on this computer, and which of them can be removed and had again. */
import { chunkFormat, sealedSize, type BlobId, type ConversationId, type DeviceId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

export interface HeldFile {
  readonly blob: BlobId;
  readonly conversation: ConversationId;
  /** What it takes on disk, as far as it is here. */
  readonly bytes: number;
  /** Whether it can be had again: it is no own file that nobody else has yet, and it is not on its way here. */
  readonly removable: boolean;
}

export interface UsageTable {
  /** Everything that is here, once for each conversation in which it is. @param device this one. */
  held(device: DeviceId): HeldFile[];
}

interface HeldRow {
  blob: BlobId;
  conversation: ConversationId;
  bytes: number;
  have: Uint8Array;
  whole: number;
  waits: number;
  travels: number;
  given: number;
}

/**
 * `waits`: in the outbox or nowhere in the log; `travels`: its transfer is not over; `given`: the relay or somebody else
 * has it. An own file without a transfer came from another device of this user, or its transfer was forgotten with an old
 * history: then only another device can tell, so what this very device sent stays.
 */
const select = `
  SELECT b.id AS blob, b.bytes, b.have, b.whole, coalesce(c.id, t.conversation) AS conversation,
    max(f.key IS NULL) AS waits,
    max(t.state IS NOT NULL AND t.direction = 'in' AND t.state IN ('wanted', 'paused', 'failed')) AS travels,
    min(f.key IS NOT NULL AND (m.own = 0 OR coalesce(t.direction = 'in', 0)
      OR (t.blob IS NULL AND m.device <> ?)
      OR coalesce(t.state = 'done' OR t.published = 1, 0)
      OR EXISTS (SELECT 1 FROM deliveries d WHERE d.blob = b.id))) AS given
  FROM blobs b
    LEFT JOIN transfers t ON t.blob = b.id
    LEFT JOIN media f ON f.blob = b.id
    LEFT JOIN messages m ON m.rowid = f.message
    LEFT JOIN conversations c ON c.key = f.conversation
  WHERE (b.whole = 1 OR length(b.have) > 0) AND coalesce(c.id, t.conversation) IS NOT NULL
  GROUP BY b.id, coalesce(c.id, t.conversation)`;

export function createUsageTable(database: Database): UsageTable {
  const statement = database.prepare<[string], HeldRow>(select);
  return {
    held: (device) =>
      statement.all(device).map((row) => ({
        blob: row.blob,
        conversation: row.conversation,
        bytes: row.whole === 1 ? sealedSize(row.bytes) : countOnes(row.have) * chunkFormat.sealedBytes,
        removable: row.waits === 0 && row.travels === 0 && row.given === 1,
      })),
  };
}

function countOnes(bits: Uint8Array): number {
  let ones = 0;
  for (const byte of bits) for (let rest = byte; rest > 0; rest &= rest - 1) ones++;
  return ones;
}
