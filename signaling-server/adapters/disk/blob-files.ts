/** Where blobs and uploads lie in the folder, and what a file's name says. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { blobIdSchema, userIdSchema, type BlobId, type UserId } from '../../../protocol/index.ts';
import type { UploadKey } from '../../ports/blobs.ts';

const uploadsName = 'uploads';
const hashesEnding = '.hashes';

/** The bytes, and beside them the hashes of their chunks. */
export interface FilePair {
  readonly folder: string;
  readonly bytes: string;
  readonly hashes: string;
}

export interface BlobFiles {
  readonly root: string;
  blob(blob: BlobId): FilePair;
  upload(upload: UploadKey): FilePair;
  /** Every published blob. */
  blobs(): AsyncIterable<BlobId>;
  /** Every upload of which there is anything. */
  uploads(): AsyncIterable<UploadKey>;
}

/** `ab/abcd…` and `ab/abcd….hashes`; `uploads/USER/abcd….SIZE` and `uploads/USER/abcd….SIZE.hashes`. */
export function blobFilesIn(root: string): BlobFiles {
  return {
    root,
    blob: (blob) => pairOf(join(root, blob.slice(0, 2)), blob),
    upload: ({ user, blob, bytes }) => pairOf(join(root, uploadsName, user), `${blob}.${bytes}`),
    async *blobs() {
      for (const folder of await namesIn(root)) {
        if (!/^[0-9a-f]{2}$/.test(folder)) continue;
        for (const name of await namesIn(join(root, folder))) {
          const id = blobIdSchema.safeParse(name);
          if (id.success) yield id.data;
        }
      }
    },
    async *uploads() {
      for (const name of await namesIn(join(root, uploadsName))) {
        const user = userIdSchema.safeParse(name);
        if (user.success) yield* uploadsOf(user.data, await namesIn(join(root, uploadsName, name)));
      }
    },
  };
}

function pairOf(folder: string, name: string): FilePair {
  const bytes = join(folder, name);
  return { folder, bytes, hashes: bytes + hashesEnding };
}

function* uploadsOf(user: UserId, names: readonly string[]): Iterable<UploadKey> {
  const uploads = new Set(
    names.map((name) => (name.endsWith(hashesEnding) ? name.slice(0, -hashesEnding.length) : name)),
  );
  for (const upload of uploads) {
    const [name = '', size = ''] = upload.split('.');
    const blob = blobIdSchema.safeParse(name);
    if (blob.success && /^\d{1,15}$/.test(size)) yield { user, blob: blob.data, bytes: Number(size) };
  }
}

/** Empty for a folder that is not there (any more). */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}
