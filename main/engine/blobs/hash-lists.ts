/** The lists of chunk hashes: checked against the blob's id, kept beside the data, the last used ones in memory. */
import { chunkFormat, type BlobId } from '../../../protocol/index.ts';
import type { BlobFiles } from './blob-files.ts';
import { blobIdOf } from './chunk-sealing.ts';

export interface HashLists {
  /** @returns null when there is none, or none that fits the id. */
  get(blob: BlobId, chunks: number): Promise<Uint8Array | null>;
  /** @returns whether the list fits the id. */
  put(blob: BlobId, chunks: number, hashes: Uint8Array): Promise<boolean>;
  forget(blob: BlobId): void;
}

/** A film of 2 GiB has a list of 256 KiB. */
const keptBytes = 16 * 1024 * 1024;

export function createHashLists(files: BlobFiles): HashLists {
  /** The least recently used first. */
  const kept = new Map<BlobId, Uint8Array>();
  let bytes = 0;

  function keep(blob: BlobId, hashes: Uint8Array): void {
    forget(blob);
    kept.set(blob, hashes);
    bytes += hashes.byteLength;
    for (const [other] of kept) {
      if (bytes <= keptBytes || other === blob) return;
      forget(other);
    }
  }

  function forget(blob: BlobId): void {
    bytes -= kept.get(blob)?.byteLength ?? 0;
    kept.delete(blob);
  }

  return {
    async get(blob, chunks) {
      const known = kept.get(blob);
      if (known) {
        keep(blob, known);
        return known;
      }
      const read = await files.readHashes(blob);
      if (!read || !fits(blob, chunks, read)) return null;
      keep(blob, read);
      return read;
    },
    async put(blob, chunks, hashes) {
      if (!fits(blob, chunks, hashes)) return false;
      const own = Uint8Array.from(hashes);
      await files.writeHashes(blob, own);
      keep(blob, own);
      return true;
    },
    forget,
  };
}

/** @returns the hash of one chunk out of the list. */
export function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * chunkFormat.hashBytes, (index + 1) * chunkFormat.hashBytes);
}

function fits(blob: BlobId, chunks: number, hashes: Uint8Array): boolean {
  return hashes.byteLength === chunks * chunkFormat.hashBytes && blobIdOf(hashes) === blob;
}
