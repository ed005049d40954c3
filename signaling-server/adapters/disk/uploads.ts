/** Half uploads: how far they are, more bytes of them, and the step to a blob that can be read. */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { chunkFormat, type BlobId } from '../../../protocol/index.ts';
import type { UploadKey } from '../../ports/blobs.ts';
import type { BlobFiles, FilePair } from './blob-files.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { nullIfMissing } from './disk-errors.ts';
import { fsyncFolder } from './fsync-folder.ts';
import { pour } from './pour.ts';
import type { Room } from './room.ts';
import { mismatch, wrongOffset } from './upload-refusals.ts';

const { sealedBytes, hashBytes, blobIdPrefix } = chunkFormat;

interface Deps {
  readonly files: BlobFiles;
  readonly room: Room;
  readonly collect: () => void;
}

export function createUploads({ files, room, collect }: Deps) {
  async function offset(upload: UploadKey): Promise<number> {
    const { bytes, hashes } = files.upload(upload);
    const noted = Math.floor(((await sizeOf(hashes)) ?? 0) / hashBytes);
    const counted = Math.min(noted * sealedBytes, upload.bytes);
    const there = await sizeOf(bytes);
    if (there !== null) return there >= counted ? counted : 0;
    // Published, and not yet ended.
    return counted === upload.bytes ? ((await sizeOf(files.blob(upload.blob).bytes)) ?? 0) : 0;
  }

  async function append(upload: UploadKey, from: number, source: Readable): Promise<number> {
    const present = await offset(upload);
    if (present !== from) throw wrongOffset(present);
    const pair = files.upload(upload);
    await mkdir(pair.folder, { recursive: true, mode: 0o700 });
    return withFiles(pair, async (data, hashes) => {
      await cutBack(data, from);
      await hashes.truncate(Math.ceil(from / sealedBytes) * hashBytes);
      const writer = new ChunkWriter({ data, hashes, room, offset: from, bytes: upload.bytes, collect });
      const fault = await faultOf(pour(source, writer));
      try {
        await writer.finish();
      } finally {
        room.give(writer.taken - ((await data.stat()).size - from));
      }
      if (fault !== null) throw fault;
      if (from === 0) await fsyncNames(pair);
      return writer.offset;
    });
  }

  /** Throws away what was written and not counted before the relay died. */
  async function cutBack(data: FileHandle, size: number): Promise<void> {
    const { size: present } = await data.stat();
    if (present === size) return;
    await data.truncate(size);
    room.give(present - size);
  }

  async function publish(upload: UploadKey): Promise<void> {
    const { bytes, hashes } = files.upload(upload);
    const blob = files.blob(upload.blob);
    const list = await readFile(hashes).catch(nullIfMissing);
    const isWhole = list?.byteLength === Math.ceil(upload.bytes / sealedBytes) * hashBytes;
    if (!list || !isWhole || blobIdOf(list) !== upload.blob) {
      await abandon(upload);
      throw mismatch();
    }
    if ((await sizeOf(blob.bytes)) !== null) return removeBytes(bytes);
    await mkdir(blob.folder, { recursive: true, mode: 0o700 });
    await writeWhole(blob.hashes, list);
    await rename(bytes, blob.bytes);
    await fsyncFolder(blob.folder);
    await fsyncFolder(files.root);
  }

  async function abandon(upload: UploadKey): Promise<void> {
    const { bytes, hashes, folder } = files.upload(upload);
    await rm(hashes, { force: true });
    await removeBytes(bytes);
    await rmdir(folder).catch(() => {});
  }

  async function removeBytes(file: string): Promise<void> {
    const size = await sizeOf(file);
    if (size === null) return;
    await rm(file, { force: true });
    room.give(size);
  }

  return {
    offset,
    append,
    publish,
    abandon,
    async stale(before: number): Promise<UploadKey[]> {
      const stale: UploadKey[] = [];
      for await (const upload of files.uploads()) {
        const { bytes, hashes } = files.upload(upload);
        const times = await Promise.all([bytes, hashes].map(changedAt));
        if (Math.max(...times) < before) stale.push(upload);
      }
      return stale;
    },
  };
}

async function withFiles<T>(pair: FilePair, work: (data: FileHandle, hashes: FileHandle) => Promise<T>): Promise<T> {
  const data = await openToWrite(pair.bytes);
  try {
    const hashes = await openToWrite(pair.hashes);
    try {
      return await work(data, hashes);
    } finally {
      await hashes.close();
    }
  } finally {
    await data.close();
  }
}

/** At any place, made when missing. */
async function openToWrite(file: string): Promise<FileHandle> {
  const handle = await open(file, 'a', 0o600);
  await handle.close();
  return open(file, 'r+');
}

/** Appears under its name only when it is on disk. */
async function writeWhole(file: string, content: Uint8Array): Promise<void> {
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, file);
}

function blobIdOf(hashes: Uint8Array): BlobId {
  return createHash('sha256').update(blobIdPrefix).update(hashes).digest('hex') as BlobId;
}

async function sizeOf(file: string): Promise<number | null> {
  return stat(file).then(({ size }) => size, nullIfMissing);
}

async function changedAt(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** An upload's files, its user's folder, and the folder of all users. */
async function fsyncNames({ folder }: FilePair): Promise<void> {
  for (const each of [folder, dirname(folder), dirname(dirname(folder))]) await fsyncFolder(each);
}

async function faultOf(work: Promise<void>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}
