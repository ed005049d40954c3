/** What a blob's download and the sources that feed it know of each other. */
import type { TransferPath } from '../../../bridge/media-views.ts';
import type { BlobId, DeviceId } from '../../../protocol/index.ts';
import type { ChunkRun } from '../blobs/blob-vault.ts';

/** Somebody who may have chunks. One object for as long as it lasts: chunks are given to it and taken back from it. */
export interface Source {
  /** Null for the relay. */
  readonly device: DeviceId | null;
  readonly path: TransferPath;
}

/** A blob that is wanted here, as a source sees it. */
export interface Wanted {
  readonly blob: BlobId;
  readonly chunks: number;
  heldChunks(): number;
  /** Whether the list of hashes must come before any chunk. */
  needsHashes(): boolean;
  /** A list that does not fit has the source dropped. Never rejects. */
  takeHashes(source: Source, hashes: Uint8Array): Promise<void>;
  /** @returns chunks that the source is to bring; nobody else is asked for them. Null when there are none for it now. */
  next(source: Source, held: readonly ChunkRun[], limit: number): ChunkRun | null;
  /** Takes a chunk from a source; a wrong one has the source dropped. Never rejects. */
  take(source: Source, index: number, sealed: Uint8Array): Promise<void>;
  /** The source does not have this chunk after all. */
  without(index: number): void;
  /** The source brings nothing more of what it was given. */
  giveBack(source: Source): void;
}
