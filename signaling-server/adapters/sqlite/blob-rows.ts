/** Blobs as the database's rows name them. */
import { blobIdSchema, type BlobId } from '../../../protocol/index.ts';

export interface BlobRow {
  readonly conversation: number;
  readonly blob: Buffer;
  readonly user: number;
  readonly bytes: number;
  readonly at: number;
}

/** What a row is known by. */
export type BlobRowKey = Pick<BlobRow, 'conversation' | 'user' | 'blob'>;

export function blobToBytes(blob: BlobId): Buffer {
  return Buffer.from(blob, 'hex');
}

export function blobFromBytes(bytes: Buffer): BlobId {
  return blobIdSchema.parse(bytes.toString('hex'));
}
