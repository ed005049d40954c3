/** Seals and opens single chunks, and names a blob by its chunks' hashes, as protocol/blobs.ts lays down. */
import { createHash, hash } from 'node:crypto';
import { blobIdSchema, chunkFormat, type BlobId } from '../../../protocol/index.ts';
import { openNumbered, sealNumbered } from '../sealing/numbered-sealing.ts';

/** @returns the ciphertext with its tag behind it. */
export function sealChunk(key: Uint8Array, index: number, last: boolean, plain: Uint8Array): Buffer {
  return sealNumbered(key, index, authenticated(index, last), plain);
}

/** @returns null when the bytes are not what was sealed under this key for this place. */
export function openChunk(key: Uint8Array, index: number, last: boolean, sealed: Uint8Array): Buffer | null {
  return openNumbered(key, index, authenticated(index, last), sealed);
}

export function hashOfChunk(sealed: Uint8Array): Buffer {
  return hash('sha256', sealed, 'buffer');
}

/** @param hashes those of all sealed chunks, in order. */
export function blobIdOf(hashes: Uint8Array): BlobId {
  return blobIdSchema.parse(
    createHash('sha256').update(chunkFormat.blobIdPrefix, 'ascii').update(hashes).digest('hex'),
  );
}

/** No number is ever used twice under a key: each file has a key of its own, and each chunk an index of its own. */
function authenticated(index: number, last: boolean): Buffer {
  const prefix = Buffer.from(chunkFormat.chunkPrefix, 'ascii');
  const data = Buffer.alloc(prefix.byteLength + 9);
  prefix.copy(data);
  data.writeBigUInt64BE(BigInt(index), prefix.byteLength);
  data.writeUInt8(last ? 1 : 0, prefix.byteLength + 8);
  return data;
}
