/**
 * Keeps the bytes of blobs: sealed, opaque, named by the hash of their content. Each adapter passes `runBlobsContract`.
 * Who may read or send what, quotas and expiry are the store's business and the acts'; this port knows bytes alone.
 *
 * Rules for every adapter:
 * - bytes that `append` counted are still there after `kill -9`; what it did not count may be gone;
 * - a blob can be read by its id only once `publish` found its bytes to be those of the id, and never half;
 * - nothing of a blob is ever whole in memory;
 * - a full disk (or the cap set for it) rejects with ParleyError `storage_full` and leaves what was there before as it was.
 */
import type { Readable, Writable } from 'node:stream';
import type { BlobId, UserId } from '../../protocol/index.ts';

/** An upload belongs to one user, so that nobody can spoil another's. */
export interface UploadKey {
  readonly user: UserId;
  readonly blob: BlobId;
  /** Size of the whole blob. */
  readonly bytes: number;
}

/** Bytes `from` up to `to`, both included, as in HTTP. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface OpenBlob {
  readonly bytes: number;
  /**
   * Writes a range, which must lie within the blob, to a sink at the sink's pace, and does not end it. A buffer may be
   * filled again once the sink has called back. Rejects when the sink closes early.
   */
  send(range: ByteRange, sink: Writable): Promise<void>;
  close(): Promise<void>;
}

/** What can be read of published blobs. */
export interface BlobReader {
  /** Null when there is no such blob. */
  size(blob: BlobId): Promise<number | null>;
  /**
   * Opens a blob; it can then be read whatever happens to it. Close it when done.
   * @throws ParleyError `not_found`.
   */
  open(blob: BlobId): Promise<OpenBlob>;
  /** The hashes of all chunks, in order, 32 bytes each. @throws ParleyError `not_found`. */
  hashes(blob: BlobId): Promise<Uint8Array>;
}

export interface BlobStorage extends BlobReader {
  /** How many bytes of an upload are safe on disk; 0 for one that was never begun. Always whole chunks, or everything. */
  offset(upload: UploadKey): Promise<number>;
  /**
   * Adds bytes at `offset`, which must be what `offset()` says. A stream that breaks is no fault: whatever came before is
   * kept, in whole chunks. The stream is left alone when something else fails, so that its sender can be answered.
   * One call at a time for an upload. @returns the new offset.
   * @throws ParleyError `blob_offset`, `storage_full`; `bad_request` for more bytes than the upload has.
   */
  append(upload: UploadKey, offset: number, bytes: Readable): Promise<number>;
  /**
   * Makes a complete upload readable. Doing it again is no fault until `abandon` ends the upload: `offset` still says
   * everything, so that nothing is sent twice when the relay dies before it has noted who holds the blob.
   * @throws ParleyError `blob_mismatch` when the bytes are not those of the id: the upload is gone then.
   */
  publish(upload: UploadKey): Promise<void>;
  /** Ends an upload: takes a half one away, and of one that was published what is left. */
  abandon(upload: UploadKey): Promise<void>;
  /**
   * An address from which whoever has it can fetch the bytes of a published blob, by range too, for so long, without the
   * relay. Only where the storage can be reached by devices; left out by those that have no such thing.
   * @throws ParleyError `not_found`.
   */
  directUrl?(blob: BlobId, lifeSeconds: number): Promise<string>;
  /**
   * Removes a published blob; one that is not there is no fault. What is open can still be read; where nodes share the
   * storage, for an hour.
   */
  remove(blob: BlobId): Promise<void>;
  /**
   * Undoes `remove` where its bytes are still there: another node's upload of the same blob may have ended meanwhile, and
   * counts on it. Storages that only one process uses leave it out: there, publishing and removing exclude each other.
   */
  restore?(blob: BlobId): Promise<void>;
  /** Half uploads that nothing was added to since then. */
  staleUploads(before: number): Promise<UploadKey[]>;
  /** Bytes that blobs and uploads take. */
  used(): Promise<number>;
  /** Rejects with `storage_full` when so many bytes more would not fit now. */
  assertRoom(bytes: number): Promise<void>;
  /** Rejects when blobs cannot be served. For `/readyz`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
