/** How far an upload is, as one object: replaced as a whole, so that any node goes on where another one stopped. */
import { z } from 'zod';
import { chunkFormat } from '../../../protocol/index.ts';
import type { UploadKey } from '../../ports/blobs.ts';

const headSchema = z.object({
  version: z.literal(1),
  /** Which object of the blob's folder the bytes go to. */
  data: z.string().min(1).max(200),
  /** The assembly of parts; null while there is none. */
  assembly: z.string().min(1).max(2_000).nullable(),
  parts: z.array(z.object({ number: z.number().int().positive(), etag: z.string().min(1).max(200) })),
  /** Bytes of all parts, or of the whole object where there is no assembly. */
  storedBytes: z.number().int().nonnegative(),
  /** Chunks that are counted, each with its hash. */
  chunks: z.number().int().nonnegative(),
});

export interface UploadState extends Omit<z.infer<typeof headSchema>, 'version' | 'chunks'> {
  /** Hashes of whole chunks from the first on; those of the tail included. */
  readonly hashes: Buffer;
  /** Whole chunks that make no part yet. */
  readonly tail: Buffer;
}

const lengthBytes = 4;

/** Length of the head (4 bytes, big-endian), the head as JSON, the hashes, the tail. */
export function encodeUploadState({ hashes, tail, ...rest }: UploadState): Buffer {
  const chunks = hashes.byteLength / chunkFormat.hashBytes;
  const head = Buffer.from(JSON.stringify({ version: 1, ...rest, chunks } satisfies z.infer<typeof headSchema>));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(head.byteLength);
  return Buffer.concat([length, head, hashes, tail]);
}

/** @throws Error when it is no state that this version knows. */
export function decodeUploadState(bytes: Buffer): UploadState {
  const headEnd = lengthBytes + bytes.readUInt32BE(0);
  const { version: _, chunks, ...head } = headSchema.parse(JSON.parse(bytes.toString('utf8', lengthBytes, headEnd)));
  const hashesEnd = headEnd + chunks * chunkFormat.hashBytes;
  return { ...head, hashes: bytes.subarray(headEnd, hashesEnd), tail: bytes.subarray(hashesEnd) };
}

/** Bytes that are safe; always whole chunks, or everything. */
export function offsetOf(state: UploadState | null, { bytes }: Pick<UploadKey, 'bytes'>): number {
  if (state === null) return 0;
  return Math.min((state.hashes.byteLength / chunkFormat.hashBytes) * chunkFormat.sealedBytes, bytes);
}
