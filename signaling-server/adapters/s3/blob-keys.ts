/** Under which keys of the bucket blobs and uploads lie, and what a key says. */
import { blobIdSchema, userIdSchema, type BlobId } from '../../../protocol/index.ts';
import type { UploadKey } from '../../ports/blobs.ts';

/**
 * - `blobs/ab/abcd…/record`: the hashes of the chunks, and which of the objects beside it has the bytes. A blob can be read
 *   as long as this is there.
 * - `blobs/ab/abcd…/USER.SIZE.MARK`: the bytes as a user sent them. MARK is new for every attempt, so that a key is
 *   never written twice and what is removed late can never be somebody else's.
 * - `uploads/USER/abcd….SIZE`: how far an upload is.
 * - `removed/abcd…/USER.SIZE.MARK`: these bytes are to go once nobody reads them any more.
 */
export const blobKeys = {
  allBlobs: 'blobs/',
  allUploads: 'uploads/',
  allRemoved: 'removed/',
  folder: (blob: BlobId) => `blobs/${blob.slice(0, 2)}/${blob}/`,
  record: (blob: BlobId) => `blobs/${blob.slice(0, 2)}/${blob}/${recordName}`,
  data: (blob: BlobId, name: string) => `blobs/${blob.slice(0, 2)}/${blob}/${name}`,
  removed: (blob: BlobId, name: string) => `removed/${blob}/${name}`,
  upload: ({ user, blob, bytes }: UploadKey) => `uploads/${user}/${blob}.${bytes}`,
};

export const recordName = 'record';

/** @param mark hex, new for every attempt. */
export function dataName({ user, bytes }: UploadKey, mark: string): string {
  return `${dataNamesOf({ user, bytes })}${mark}`;
}

/** How the names of all an upload's attempts begin. */
export function dataNamesOf({ user, bytes }: Pick<UploadKey, 'user' | 'bytes'>): string {
  return `${user}.${bytes}.`;
}

/** What lies under `blobs/` or `removed/`; null for what Parley did not put there. */
export function parseDataKey(key: string): { readonly blob: BlobId; readonly name: string } | null {
  const [name = '', id] = key.split('/').reverse();
  const blob = blobIdSchema.safeParse(id);
  return blob.success ? { blob: blob.data, name } : null;
}

/** Whose bytes those of a name are; null for the record. */
export function parseDataName(blob: BlobId, name: string): UploadKey | null {
  const [user, size = ''] = name.split('.');
  return keyOf(user, blob, size);
}

export function parseUploadKey(key: string): UploadKey | null {
  const [, user, name = ''] = key.split('/');
  const [blob, size = ''] = name.split('.');
  return keyOf(user, blob, size);
}

function keyOf(user: unknown, blob: unknown, size: string): UploadKey | null {
  const owner = userIdSchema.safeParse(user);
  const id = blobIdSchema.safeParse(blob);
  if (!owner.success || !id.success || !/^\d{1,15}$/.test(size)) return null;
  return { user: owner.data, blob: id.data, bytes: Number(size) };
}
