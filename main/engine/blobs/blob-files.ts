/** The files of the vault: where the sealed chunks and the hashes of a blob lie, and how they are read and written. */
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BlobId } from '../../../protocol/index.ts';
import { isMissingFile, syncFolder, writeDurably } from './durable-files.ts';
import { createFilePool } from './file-pool.ts';
import { writeAll } from './write-all.ts';

export interface BlobFiles {
  /**
   * @param into memory to read into, at least `length` bytes; fresh memory when it is not given.
   * @returns null when the file ends before the bytes do, or is not there.
   */
  read(blob: BlobId, position: number, length: number, into?: Buffer): Promise<Buffer | null>;
  write(blob: BlobId, position: number, bytes: Uint8Array): Promise<void>;
  /** What was written is on disk when it resolves. @throws ENOENT when there is no file. */
  sync(blob: BlobId): Promise<void>;
  /** Bytes of the data file; 0 when there is none. */
  size(blob: BlobId): Promise<number>;
  readHashes(blob: BlobId): Promise<Buffer | null>;
  /** Bytes of the list of hashes that is there. Quick, without waiting. */
  hashesSize(blob: BlobId): number;
  writeHashes(blob: BlobId, hashes: Uint8Array): Promise<void>;
  remove(blob: BlobId): Promise<void>;
  /** The place where blobs are made: a file of that name, not yet part of the vault. */
  stagePath(name: string): string;
  staged(): Promise<string[]>;
  unstage(name: string): Promise<void>;
  /** Moves a made blob from the stage to its place. Done twice it is no fault. */
  moveIn(blob: BlobId): Promise<void>;
  close(): Promise<void>;
}

export const hashesSuffix = '.hashes';

/** @param folder of the account. */
export function createBlobFiles(folder: string): BlobFiles {
  const pool = createFilePool();
  const stage = join(folder, 'blobs', 'staging');
  const place = (blob: BlobId) => join(folder, 'blobs', blob.slice(0, 2), blob);
  const hashesPlace = (blob: BlobId) => place(blob) + hashesSuffix;

  return {
    async read(blob, position, length, into = Buffer.allocUnsafe(length)) {
      try {
        return await pool.read(place(blob), async (file) => {
          const { bytesRead } = await file.read(into, 0, length, position);
          return bytesRead === length ? into.subarray(0, length) : null;
        });
      } catch (error) {
        if (isMissingFile(error)) return null;
        throw error;
      }
    },
    write: (blob, position, bytes) => pool.write(place(blob), (file) => writeAll(file, bytes, position)),
    sync: (blob) => pool.read(place(blob), (file) => file.datasync()),
    size: (blob) => sizeOf(place(blob)),
    async readHashes(blob) {
      try {
        return await readFile(hashesPlace(blob));
      } catch (error) {
        if (isMissingFile(error)) return null;
        throw error;
      }
    },
    hashesSize: (blob) => statSync(hashesPlace(blob), { throwIfNoEntry: false })?.size ?? 0,
    writeHashes: (blob, hashes) => writeDurably(hashesPlace(blob), hashes),
    async remove(blob) {
      await pool.release(place(blob));
      await rm(place(blob), { force: true, maxRetries: 3 });
      await rm(hashesPlace(blob), { force: true, maxRetries: 3 });
    },
    stagePath: (name) => join(stage, name),
    staged: () => readdir(stage).catch(() => []),
    unstage: (name) => rm(join(stage, name), { force: true, maxRetries: 3 }),
    async moveIn(blob) {
      await mkdir(dirname(place(blob)), { recursive: true, mode: 0o700 });
      await moveIfThere(join(stage, blob + hashesSuffix), hashesPlace(blob));
      await moveIfThere(join(stage, blob), place(blob));
      await syncFolder(dirname(place(blob)));
    },
    close: () => pool.close(),
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissingFile(error)) return 0;
    throw error;
  }
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isMissingFile(error)) throw error;
  }
}
