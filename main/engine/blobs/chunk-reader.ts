/** Reads chunks out of the vault and checks each: what turns out to be damaged counts as missing from then on. */
import { chunkFormat, chunkPlace, ParleyError } from '../../../protocol/index.ts';
import { stored } from '../storage/faults.ts';
import type { BlobFiles } from './blob-files.ts';
import { hashOfChunk, openChunk } from './chunk-sealing.ts';
import { hashAt, type HashLists } from './hash-lists.ts';
import type { VaultEntry } from './vault-entries.ts';

export interface ChunkReader {
  /** The list of hashes; that of a whole blob is made again when it was lost. Null while it is not known. */
  hashes(entry: VaultEntry): Promise<Uint8Array | null>;
  /** Null for one that is damaged. @param into memory for a chunk, when the caller has some to use again. */
  sealed(entry: VaultEntry, index: number, into?: Buffer): Promise<Buffer | null>;
  /** Null for one that is damaged. @throws ParleyError `file_unreadable` when the key does not fit. */
  plain(entry: VaultEntry, index: number): Promise<Buffer | null>;
}

interface ChunkReaderDeps {
  readonly files: BlobFiles;
  readonly lists: HashLists;
  /** A chunk that was held is missing now. */
  readonly onLost: (entry: VaultEntry) => void;
}

export function createChunkReader({ files, lists, onLost }: ChunkReaderDeps): ChunkReader {
  async function hashes(entry: VaultEntry): Promise<Uint8Array | null> {
    const { blob } = entry.ref;
    const known = await stored(() => lists.get(blob, entry.set.size));
    if (known) return known;
    const made = entry.set.isFull ? await hashAll(entry) : null;
    const fits = made !== null && (await stored(() => lists.put(blob, entry.set.size, made)));
    entry.hashed = fits;
    return fits ? made : null;
  }

  async function hashAll(entry: VaultEntry): Promise<Uint8Array | null> {
    const list = new Uint8Array(entry.set.size * chunkFormat.hashBytes);
    for (let index = 0; index < entry.set.size; index++) {
      const bytes = await read(entry, index);
      if (!bytes) return null;
      list.set(hashOfChunk(bytes), index * chunkFormat.hashBytes);
    }
    return list;
  }

  function read({ ref }: VaultEntry, index: number, into?: Buffer): Promise<Buffer | null> {
    const { sealedStart, sealedBytes } = chunkPlace(ref.bytes, index);
    return stored(() => files.read(ref.blob, sealedStart, sealedBytes, into));
  }

  function lose(entry: VaultEntry, index: number): null {
    if (!entry.set.has(index)) return null;
    entry.set.delete(index);
    onLost(entry);
    return null;
  }

  async function sealed(entry: VaultEntry, index: number, into?: Buffer): Promise<Buffer | null> {
    const { era } = entry;
    const bytes = await read(entry, index, into);
    const list = await hashes(entry);
    if (entry.era !== era || !list) return null;
    if (!bytes || !hashOfChunk(bytes).equals(hashAt(list, index))) return lose(entry, index);
    return bytes;
  }

  async function plain(entry: VaultEntry, index: number): Promise<Buffer | null> {
    const { key, bytes } = entry.ref;
    const { era } = entry;
    const found = await read(entry, index);
    if (entry.era !== era) return null;
    const opened = found && openChunk(key, index, chunkPlace(bytes, index).last, found);
    if (opened) return opened;
    // The right bytes that the key does not open: fetching them again would change nothing.
    if (found && (await sealed(entry, index))) throw wrongKey();
    return lose(entry, index);
  }

  return { hashes, sealed, plain };
}

function wrongKey(): ParleyError {
  return new ParleyError('file_unreadable', {
    message: 'This file was sent with a key that does not fit. Ask the sender to send it again.',
  });
}
