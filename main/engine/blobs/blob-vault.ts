/**
 * Keeps blobs on this computer: sealed at rest, chunk by chunk, whole or in part. The vault knows bytes, keys and hashes;
 * where chunks come from and go to is the transfers' business.
 *
 * Files: `blobs/<first two of the id>/<id>` holds the sealed chunks at their places, `<id>.hashes` beside it the hashes of
 * all chunks. A chunk counts as held only after it is on disk; after a crash, what the bitmap missed is found again by
 * its hash, so that nothing that came is fetched twice.
 */
import type { BlobId } from '../../../protocol/index.ts';

/** What a message tells of a blob: enough to fetch, check and open it. */
export interface BlobRef {
  readonly blob: BlobId;
  readonly key: Uint8Array;
  /** Size of the file. */
  readonly bytes: number;
}

/** What is here of a blob. */
export interface BlobState extends BlobRef {
  readonly chunks: number;
  /** Chunks that are here, and the bytes of the file in them. */
  readonly heldChunks: number;
  readonly heldBytes: number;
  readonly whole: boolean;
  /** Whether the hashes of the chunks are known, without which none can be taken. */
  readonly hashed: boolean;
}

/** A run of chunks, `from` up to but without `to`. */
export interface ChunkRun {
  readonly from: number;
  readonly to: number;
}

export interface BlobVault {
  /** Null for a blob that was never expected or sealed here. Cheap: from memory. */
  state(blob: BlobId): BlobState | null;
  /** Makes a place for a blob that is to come; what an earlier run left of it is found again. */
  expect(ref: BlobRef): Promise<BlobState>;
  /** @returns whether the list fits the id; one that does not is refused and changes nothing. */
  takeHashes(blob: BlobId, hashes: Uint8Array): Promise<boolean>;
  /** All hashes, 32 bytes each; null while they are not known. */
  hashes(blob: BlobId): Promise<Uint8Array | null>;
  holds(blob: BlobId, index: number): boolean;
  /** The first run of missing chunks at or after `from` (then from the start), at most `limit` long; null when whole. */
  missing(blob: BlobId, from: number, limit: number): ChunkRun | null;
  /** What is here, as runs in order. */
  held(blob: BlobId): ChunkRun[];
  /**
   * Takes a sealed chunk from whatever source. `refused`: not the chunk of that place (its hash is another's, it was cut
   * short), so its source is not to be trusted. @throws ParleyError `storage_failed` when the disk refuses.
   */
  put(blob: BlobId, index: number, sealed: Uint8Array): Promise<'stored' | 'repeated' | 'refused'>;
  /**
   * A sealed chunk that is here, for others. Null when it is not here, or turned out to be damaged (and is missing from now
   * on). @param into memory for it, when the caller has some.
   */
  sealed(blob: BlobId, index: number, into?: Buffer): Promise<Uint8Array | null>;
  /**
   * Bytes of the blob (sealed) from an offset on to its end, for uploading; only of whole blobs. A piece stands only until
   * the next is asked for.
   */
  sealedStream(blob: BlobId, from: number): AsyncIterable<Uint8Array>;
  /**
   * Plain bytes, within one or more chunks that are all here. @returns null when one of them is missing.
   * Never more than 1 MiB at a time.
   */
  plain(blob: BlobId, from: number, length: number): Promise<Uint8Array | null>;
  /** Calls back whenever chunks of the blob were stored, or it was removed. @returns takes the listener away. */
  onProgress(blob: BlobId, listener: () => void): () => void;
  /** Removes what is here of a blob; it may be expected again. */
  remove(blob: BlobId): Promise<void>;
  /** Writes bitmaps that are not on disk yet. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
