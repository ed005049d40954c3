/** What the vault keeps in memory of each blob: read from the table when it is first asked for. */
import { chunkCount, chunkFormat, chunkPlace, type BlobId } from '../../../protocol/index.ts';
import type { BlobsTable, StoredBlob } from '../storage/blobs-table.ts';
import type { BlobFiles } from './blob-files.ts';
import type { BlobRef, BlobState } from './blob-vault.ts';
import { ChunkSet } from './chunk-set.ts';

export interface VaultEntry {
  readonly ref: BlobRef;
  readonly set: ChunkSet;
  /** Chunks that are being written. */
  readonly writing: Set<number>;
  /** Whether the list of hashes is at hand, or can be made from the whole blob. */
  hashed: boolean;
  /** Whether the file was looked through for chunks that the bitmap does not know. */
  searched: boolean;
  /** Goes up when the blob is removed, so that work begun before leaves no mark. */
  era: number;
}

export interface VaultEntries {
  get(blob: BlobId): VaultEntry | null;
  /** The blob's row is gone or was written by somebody else: it is read anew when it is next asked for. */
  forget(blob: BlobId): void;
}

export function createVaultEntries(blobs: BlobsTable, files: BlobFiles): VaultEntries {
  const known = new Map<BlobId, VaultEntry>();
  return {
    get(blob) {
      const entry = known.get(blob);
      if (entry) return entry;
      const row = blobs.get(blob);
      if (!row) return null;
      const made = entryOf(row, files);
      known.set(blob, made);
      return made;
    },
    forget: (blob) => void known.delete(blob),
  };
}

function entryOf({ blob, key, bytes, have, whole }: StoredBlob, files: BlobFiles): VaultEntry {
  const chunks = chunkCount(bytes);
  return {
    ref: { blob, key, bytes },
    set: whole ? ChunkSet.full(chunks) : new ChunkSet(chunks, have),
    writing: new Set(),
    hashed: whole || files.hashesSize(blob) === chunks * chunkFormat.hashBytes,
    searched: whole,
    era: 0,
  };
}

export function stateOf({ ref, set, hashed }: VaultEntry): BlobState {
  return {
    ...ref,
    chunks: set.size,
    heldChunks: set.count,
    heldBytes: heldBytes(ref.bytes, set),
    whole: set.isFull,
    hashed,
  };
}

/** All chunks but the last have the same size. */
export function heldBytes(bytes: number, set: ChunkSet): number {
  const last = set.size - 1;
  if (!set.has(last)) return set.count * chunkFormat.plainBytes;
  return (set.count - 1) * chunkFormat.plainBytes + chunkPlace(bytes, last).plainBytes;
}
