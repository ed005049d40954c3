/** Seals numbered pieces under one key with AES-256-GCM: the number is the nonce, so each is used once under a key. */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
export const tagBytes = 16;

/** @param authenticated what `open` must be given again. @returns the ciphertext with its tag behind it. */
export function sealNumbered(key: Uint8Array, index: number, authenticated: Uint8Array, plain: Uint8Array): Buffer {
  const sealing = createCipheriv(cipher, key, nonceOf(index)).setAAD(authenticated);
  return Buffer.concat([sealing.update(plain), sealing.final(), sealing.getAuthTag()]);
}

/** @returns null when the bytes are not what was sealed under this key with this number and data. */
export function openNumbered(
  key: Uint8Array,
  index: number,
  authenticated: Uint8Array,
  sealed: Uint8Array,
): Buffer | null {
  const end = sealed.byteLength - tagBytes;
  if (end < 0) return null;
  const opening = createDecipheriv(cipher, key, nonceOf(index), { authTagLength: tagBytes });
  opening.setAAD(authenticated).setAuthTag(sealed.subarray(end));
  try {
    const plain = opening.update(sealed.subarray(0, end));
    // Of a stream cipher nothing is left: this only checks the tag.
    opening.final();
    return plain;
  } catch {
    return null;
  }
}

function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeBigUInt64BE(BigInt(index), nonceBytes - 8);
  return nonce;
}
