/** Makes a blob: cuts bytes into chunks as they come, seals each under a fresh key, and puts it all on disk. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { chunkFormat, limits, ParleyError } from '../../../protocol/index.ts';
import { hashesSuffix, type BlobFiles } from './blob-files.ts';
import type { BlobRef } from './blob-vault.ts';
import { blobIdOf, hashOfChunk, sealChunk } from './chunk-sealing.ts';
import { syncFolder, writeDurably } from './durable-files.ts';
import { writeAll } from './write-all.ts';

/** One call at a time. */
export interface BlobWriter {
  /** Takes plain bytes, any number of them. @throws ParleyError `bad_request` beyond the largest file. */
  write(plain: Uint8Array): Promise<void>;
  /** Resolves once the blob is on disk in the staging area, under its id. */
  finish(): Promise<BlobRef>;
  /** Takes away what was written; after `finish` the blob stays. */
  abort(): Promise<void>;
}

export function createBlobWriter(files: BlobFiles): BlobWriter {
  const name = `${randomUUID()}.part`;
  const path = files.stagePath(name);
  const key = new Uint8Array(randomBytes(chunkFormat.keyBytes));
  const pending = Buffer.allocUnsafe(chunkFormat.plainBytes);
  const hashes: Buffer[] = [];
  let filled = 0;
  let bytes = 0;
  let opening: Promise<FileHandle> | null = null;
  /** Of the chunk before: it goes to the file while the next one is made. */
  let writing = Promise.resolve();
  /** Goes on all the while: what is typed meanwhile goes to the same disk, and would wait behind all of the file at the end. */
  let syncing: Promise<null> | null = null;

  const file = () => (opening ??= openStaged(path));

  /** Only the last chunk is sealed as such, so a full one waits until it is known whether more comes. */
  async function sealPending(last: boolean): Promise<void> {
    const sealed = sealChunk(key, hashes.length, last, pending.subarray(0, filled));
    const position = hashes.length * chunkFormat.sealedBytes;
    hashes.push(hashOfChunk(sealed));
    filled = 0;
    await writing;
    writing = file().then(async (opened) => {
      await writeAll(opened, sealed, position);
      syncing ??= syncQuietly(opened).then(() => (syncing = null));
    });
    // Its failure comes up with the next chunk or at the end.
    writing.catch(() => {});
  }

  async function close(sync: boolean): Promise<void> {
    const opened = await opening?.catch(() => null);
    opening = null;
    await syncing;
    try {
      if (sync) await opened?.datasync();
    } finally {
      await opened?.close();
    }
  }

  return {
    async write(plain) {
      if (bytes + plain.byteLength > limits.fileBytes) throw tooLarge();
      bytes += plain.byteLength;
      for (let at = 0; at < plain.byteLength;) {
        if (filled === pending.byteLength) await sealPending(false);
        const part = plain.subarray(at, at + pending.byteLength - filled);
        pending.set(part, filled);
        filled += part.byteLength;
        at += part.byteLength;
      }
    },
    async finish() {
      await sealPending(true);
      await writing;
      await close(true);
      const list = Buffer.concat(hashes);
      const blob = blobIdOf(list);
      await writeDurably(files.stagePath(blob + hashesSuffix), list);
      await rename(path, files.stagePath(blob));
      await syncFolder(dirname(path));
      return { blob, key, bytes };
    },
    async abort() {
      await writing.catch(() => {});
      await close(false).catch(() => {});
      await files.unstage(name);
    },
  };
}

/** What fails here fails again at the end, where it counts. */
async function syncQuietly(file: FileHandle): Promise<void> {
  await file.datasync().catch(() => {});
}

async function openStaged(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return open(path, 'wx', 0o600);
}

function tooLarge(): ParleyError {
  const gibibytes = limits.fileBytes / 1024 ** 3;
  return new ParleyError('bad_request', { message: `A file may have ${gibibytes} GiB at most.` });
}
