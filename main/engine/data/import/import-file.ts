/** Takes a file of an export into the vault: sealed again under its message's key it must come out as the same blob. */
import { open, type FileHandle } from 'node:fs/promises';
import { chunkCount, chunkFormat, chunkPlace } from '../../../../protocol/index.ts';
import type { BlobRef, BlobVault } from '../../blobs/blob-vault.ts';
import { hashOfChunk, sealChunk } from '../../blobs/chunk-sealing.ts';
import type { Work } from '../work.ts';

/** @returns whether the whole file is here now. Every chunk is checked by its hash, whatever the file holds. */
export async function importFile(vault: BlobVault, ref: BlobRef, path: string, work: Work): Promise<boolean> {
  const file = await openFile(path, ref.bytes);
  if (!file) return false;
  try {
    await vault.expect(ref);
    const isKnown = (await vault.hashes(ref.blob)) ?? (await takeHashes(vault, ref, file, work));
    return isKnown !== null && (await takeChunks(vault, ref, file, work));
  } finally {
    await file.close();
  }
}

/** Null for one that is not there, or that has another size. */
async function openFile(path: string, bytes: number): Promise<FileHandle | null> {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return null;
  const found = await file.stat();
  if (found.isFile() && found.size === bytes) return file;
  await file.close();
  return null;
}

/** @returns null when it is not the file that was sent. */
async function takeHashes(vault: BlobVault, ref: BlobRef, file: FileHandle, work: Work): Promise<Uint8Array | null> {
  const list = new Uint8Array(chunkCount(ref.bytes) * chunkFormat.hashBytes);
  for (let index = 0; index < chunkCount(ref.bytes); index++) {
    work.signal.throwIfAborted();
    const sealed = await sealedChunk(ref, file, index);
    list.set(hashOfChunk(sealed), index * chunkFormat.hashBytes);
  }
  return (await vault.takeHashes(ref.blob, list)) ? list : null;
}

async function takeChunks(vault: BlobVault, ref: BlobRef, file: FileHandle, work: Work): Promise<boolean> {
  for (let index = 0; index < chunkCount(ref.bytes); index++) {
    work.signal.throwIfAborted();
    if (vault.holds(ref.blob, index)) continue;
    if ((await vault.put(ref.blob, index, await sealedChunk(ref, file, index))) === 'refused') return false;
  }
  return vault.state(ref.blob)?.whole ?? false;
}

/** Sealing the same bytes under the same key for the same place gives the same chunk. */
async function sealedChunk({ key, bytes }: BlobRef, file: FileHandle, index: number): Promise<Buffer> {
  const { plainStart, plainBytes, last } = chunkPlace(bytes, index);
  const plain = Buffer.alloc(plainBytes);
  for (let filled = 0; filled < plainBytes;) {
    const { bytesRead } = await file.read(plain, filled, plainBytes - filled, plainStart + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return sealChunk(key, index, last, plain);
}
