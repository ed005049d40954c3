/** Finds chunks that lie in the file but not in the bitmap: after a crash, or when the history was made anew. */
import { chunkFormat, chunkPlace } from '../../../protocol/index.ts';
import type { BlobFiles } from './blob-files.ts';
import { hashOfChunk } from './chunk-sealing.ts';
import { hashAt } from './hash-lists.ts';
import type { VaultEntry } from './vault-entries.ts';

const hole = Buffer.alloc(chunkFormat.sealedBytes);

/** Adds what is found to the entry's chunks, and takes away what the file has not. @returns whether anything changed. */
export async function searchChunks(files: BlobFiles, { ref, set }: VaultEntry, hashes: Uint8Array): Promise<boolean> {
  const size = await files.size(ref.blob);
  let changed = false;
  for (let index = 0; index < set.size; index++) {
    const { sealedStart, sealedBytes } = chunkPlace(ref.bytes, index);
    const isInFile = sealedStart + sealedBytes <= size;
    if (set.has(index) && !isInFile) {
      set.delete(index);
      changed = true;
    } else if (!set.has(index) && isInFile) {
      const sealed = await files.read(ref.blob, sealedStart, sealedBytes);
      if (!sealed || !isChunk(sealed, hashAt(hashes, index))) continue;
      set.add(index);
      changed = true;
    }
  }
  return changed;
}

/** What was never written reads as zeros, and is known as such without hashing it. */
function isChunk(sealed: Buffer, hash: Uint8Array): boolean {
  return !sealed.equals(hole.subarray(0, sealed.byteLength)) && hashOfChunk(sealed).equals(hash);
}
