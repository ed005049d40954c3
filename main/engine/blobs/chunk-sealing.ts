/** Seals and opens single chunks, and names a blob by its chunks' hashes, as protocol/blobs.ts lays down. */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { blobIdSchema, chunkFormat, type BlobId } from '../../../protocol/index.ts';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;

/** @returns the ciphertext with its tag behind it. */
export function sealChunk(key: Uint8Array, index: number, last: boolean, plain: Uint8Array): Buffer {
  const sealing = createCipheriv(cipher, key, nonceOf(index)).setAAD(authenticated(index, last));
  return Buffer.concat([sealing.update(plain), sealing.final(), sealing.getAuthTag()]);
}

/** @returns null when the bytes are not what was sealed under this key for this place. */
export function openChunk(key: Uint8Array, index: number, last: boolean, sealed: Uint8Array): Buffer | null {
  const end = sealed.byteLength - chunkFormat.tagBytes;
  if (end < 0) return null;
  const opening = createDecipheriv(cipher, key, nonceOf(index), { authTagLength: chunkFormat.tagBytes });
  opening.setAAD(authenticated(index, last)).setAuthTag(sealed.subarray(end));
  try {
    const plain = opening.update(sealed.subarray(0, end));
    // Of a stream cipher nothing is left: this only checks the tag.
    opening.final();
    return plain;
  } catch {
    return null;
  }
}

export function hashOfChunk(sealed: Uint8Array): Buffer {
  return createHash('sha256').update(sealed).digest();
}

/** @param hashes those of all sealed chunks, in order. */
export function blobIdOf(hashes: Uint8Array): BlobId {
  return blobIdSchema.parse(
    createHash('sha256').update(chunkFormat.blobIdPrefix, 'ascii').update(hashes).digest('hex'),
  );
}

/** No nonce is ever used twice under a key: each file has a key of its own, and each chunk an index of its own. */
function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeBigUInt64BE(BigInt(index), nonceBytes - 8);
  return nonce;
}

function authenticated(index: number, last: boolean): Buffer {
  const prefix = Buffer.from(chunkFormat.chunkPrefix, 'ascii');
  const data = Buffer.alloc(prefix.byteLength + 9);
  prefix.copy(data);
  data.writeBigUInt64BE(BigInt(index), prefix.byteLength);
  data.writeUInt8(last ? 1 : 0, prefix.byteLength + 8);
  return data;
}
