/** How a file becomes a blob: cut into chunks, each sealed alone, named by the hash of the sealed chunks' hashes. */
import { z } from 'zod';
import { limits } from './limits.ts';

/** SHA-256 over `blobIdPrefix` and the hashes of all sealed chunks in order, as lower-case hex. */
export const blobIdSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is not a blob id')
  .brand<'BlobId'>();
export type BlobId = z.infer<typeof blobIdSchema>;

/** The sizes of the format, version 1. They can never change: another size is another version. */
export const chunkFormat = {
  /** Bytes of a file in one chunk; the last one may hold fewer, and that of an empty file holds none. */
  plainBytes: 256 * 1024,
  /** What sealing adds to each chunk: the tag of AES-256-GCM, after the ciphertext. */
  tagBytes: 16,
  /** Bytes of a sealed chunk that is not the last. */
  sealedBytes: 256 * 1024 + 16,
  /** Bytes of one hash in the list of hashes. */
  hashBytes: 32,
  keyBytes: 32,
  /** ASCII, hashed before the list of hashes. */
  blobIdPrefix: 'parley-blob-1',
  /** ASCII; the authenticated data of a chunk is this, its index (8 bytes, big-endian), then 1 for the last chunk or 0. */
  chunkPrefix: 'parley-chunk-1',
} as const;

/** @param plainBytes size of the file. @returns number of chunks, at least 1. */
export function chunkCount(plainBytes: number): number {
  return Math.max(1, Math.ceil(plainBytes / chunkFormat.plainBytes));
}

/** @param plainBytes size of the file. @returns size of the blob. */
export function sealedSize(plainBytes: number): number {
  return plainBytes + chunkCount(plainBytes) * chunkFormat.tagBytes;
}

/** @returns size of the file in a blob of this size; null when no file has a blob of this size. */
export function plainSize(sealedBytes: number): number | null {
  const plain = sealedBytes - Math.ceil(sealedBytes / chunkFormat.sealedBytes) * chunkFormat.tagBytes;
  return plain >= 0 && sealedSize(plain) === sealedBytes ? plain : null;
}

/** Where a chunk lies in its file and in its blob, in bytes. */
export interface ChunkPlace {
  readonly plainStart: number;
  readonly plainBytes: number;
  readonly sealedStart: number;
  readonly sealedBytes: number;
  readonly last: boolean;
}

/** @param plainBytes size of the file. @param index 0 up to `chunkCount - 1`. */
export function chunkPlace(plainBytes: number, index: number): ChunkPlace {
  const plainStart = index * chunkFormat.plainBytes;
  const size = Math.min(chunkFormat.plainBytes, plainBytes - plainStart);
  return {
    plainStart,
    plainBytes: size,
    sealedStart: index * chunkFormat.sealedBytes,
    sealedBytes: size + chunkFormat.tagBytes,
    last: index === chunkCount(plainBytes) - 1,
  };
}

/** A size of a file in bytes. */
export const fileSizeSchema = z.number().int().nonnegative().max(limits.fileBytes);
