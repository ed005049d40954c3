/** Keeps blobs as files in a folder of the relay's data directory. */
import { access, constants, mkdir, rm, stat } from 'node:fs/promises';
import { ParleyError } from '../../../protocol/index.ts';
import type { BlobStorage } from '../../ports/blobs.ts';
import type { RelayMetrics } from '../../ports/metrics.ts';
import { blobFilesIn, type BlobFiles } from './blob-files.ts';
import { createGuard, guardBlobs } from '../blob-errors.ts';
import { nullIfMissing, toDiskError } from './disk-errors.ts';
import { readPublished } from './published-files.ts';
import { Room } from './room.ts';
import { createUploads } from './uploads.ts';

export interface DiskBlobsDeps {
  /** Made when it is missing; nothing else may write in it. */
  readonly folder: string;
  readonly capBytes: number | null;
  readonly reserveBytes: number;
  readonly metrics: RelayMetrics;
  /** Frees what a stream of bytes left in memory; called now and then. */
  readonly collect?: () => void;
}

/** @throws ParleyError `storage_failed` when the folder cannot be used. */
export async function openDiskBlobs(deps: DiskBlobsDeps): Promise<BlobStorage> {
  const { folder, capBytes, reserveBytes, metrics, collect = () => {} } = deps;
  await makeFolder(folder);
  const files = blobFilesIn(folder);
  const found = await measure(files);
  const room = new Room({ folder, capBytes, reserveBytes }, found.bytes);
  let blobs = found.blobs;
  metrics.gauge('parley_blob_bytes', 'Bytes that blobs and uploads take.', () => room.used);
  metrics.gauge('parley_blobs', 'Blobs that can be read.', () => blobs);
  const published = readPublished(files);
  const uploads = createUploads({ files, room, collect });

  const storage: BlobStorage = {
    offset: uploads.offset,
    append: uploads.append,
    async publish(upload) {
      const isNew = (await published.size(upload.blob)) === null;
      await uploads.publish(upload);
      if (isNew) blobs += 1;
    },
    abandon: uploads.abandon,
    ...published,
    async remove(blob) {
      const size = await published.size(blob);
      const { bytes, hashes } = files.blob(blob);
      await rm(bytes, { force: true });
      await rm(hashes, { force: true });
      if (size === null) return;
      blobs -= 1;
      room.give(size);
    },
    staleUploads: uploads.stale,
    used: async () => room.used,
    assertRoom: (bytes) => room.assertFits(bytes),
    async ping() {
      await access(folder, constants.R_OK | constants.W_OK);
    },
    async close() {},
  };
  return guardBlobs(storage, createGuard(toDiskError));
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const message = `The folder ${folder} cannot be written. Make it writable for the relay's user.`;
    throw new ParleyError('storage_failed', { message, cause });
  }
}

async function measure(files: BlobFiles): Promise<{ bytes: number; blobs: number }> {
  const found = { bytes: 0, blobs: 0 };
  const add = async (file: string): Promise<void> => {
    found.bytes += (await stat(file).catch(nullIfMissing))?.size ?? 0;
  };
  for await (const blob of files.blobs()) {
    found.blobs += 1;
    await add(files.blob(blob).bytes);
  }
  for await (const upload of files.uploads()) await add(files.upload(upload).bytes);
  return found;
}
