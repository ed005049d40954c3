/** A vault of its own over a real history and real files, opened again as often as a test wants. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  chunkCount,
  chunkFormat,
  chunkPlace,
  createId,
  type BlobId,
  type Profile,
  type UserId,
} from '../../protocol/index.ts';
import { blobIdOf, hashOfChunk, sealChunk } from '../../main/engine/blobs/chunk-sealing.ts';
import { createBlobVault, type EngineVault } from '../../main/engine/blobs/create-blob-vault.ts';
import type { BlobRef } from '../../main/engine/blobs/blob-vault.ts';
import { openStore, type Store } from '../../main/engine/storage/store.ts';
import { EngineClock } from './engine-clock.ts';

export interface TestVault {
  readonly folder: string;
  readonly clock: EngineClock;
  readonly faults: unknown[];
  /** Whose history it is. */
  readonly self: Profile;
  vault: EngineVault;
  store: Store;
  /** Closes and opens; `crash` forgets what was not flushed. */
  reopen(how?: 'close' | 'crash'): Promise<void>;
  dataFile(blob: BlobId): string;
}

export async function openTestVault(folder: string): Promise<TestVault> {
  const clock = new EngineClock();
  const self = { id: createId<UserId>(), username: 'ann', displayName: 'Ann' };
  const faults: unknown[] = [];
  const open = async () => {
    const store = openStore(join(folder, 'history.db'), () => self);
    const vault = createBlobVault({ folder, store, clock, onFault: (error) => faults.push(error) });
    await vault.open();
    return { store, vault };
  };
  const test: TestVault = {
    folder,
    clock,
    faults,
    self,
    ...(await open()),
    async reopen(how = 'close') {
      if (how === 'close') await test.vault.close();
      test.store.close();
      // Without its history the vault can write nothing down any more; its files are closed.
      if (how === 'crash') await test.vault.close();
      Object.assign(test, await open());
    },
    dataFile: (blob) => join(folder, 'blobs', blob.slice(0, 2), blob),
  };
  return test;
}

/** A blob as somebody else's device made it. */
export interface ForeignBlob extends BlobRef {
  readonly plain: Uint8Array;
  readonly chunks: readonly Uint8Array[];
  readonly hashes: Uint8Array;
}

export function foreignBlob(plain: Uint8Array): ForeignBlob {
  const key = new Uint8Array(randomBytes(chunkFormat.keyBytes));
  const chunks = Array.from({ length: chunkCount(plain.byteLength) }, (_, index) => {
    const { plainStart, plainBytes, last } = chunkPlace(plain.byteLength, index);
    return new Uint8Array(sealChunk(key, index, last, plain.subarray(plainStart, plainStart + plainBytes)));
  });
  const hashes = new Uint8Array(Buffer.concat(chunks.map(hashOfChunk)));
  return { plain, key, bytes: plain.byteLength, chunks, hashes, blob: blobIdOf(hashes) };
}

/** Reads a whole file back, piece by piece. */
export async function readBack(vault: EngineVault, { blob, bytes }: BlobRef): Promise<Buffer | null> {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes;) {
    const part = await vault.plain(blob, at, 700_000);
    if (!part) return null;
    parts.push(part);
    at += part.byteLength;
  }
  return Buffer.concat(parts);
}

/** Bytes that cost nothing to make and differ everywhere. */
export function madeUpBytes(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 32) {
    const block = createHash('sha256').update(`${seed}:${at}`).digest();
    bytes.set(block.subarray(0, Math.min(32, size - at)), at);
  }
  return bytes;
}

/** Changes one byte of a file on disk. */
export function damageFile(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}
