/** Seals segments, so that whoever keeps them can neither read nor change them. */
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';

/**
 * A sealed segment: the magic (8 bytes), which key (4 bytes of its SHA-256), a salt (32 bytes), the ciphertext, the tag of
 * AES-256-GCM (16 bytes). Each is sealed under a key of its own, HKDF-SHA-256 of the relay's key and the salt, with a nonce
 * of zeros: no number of segments wears the relay's key out. Magic, key and the segment's name are authenticated with it.
 */
const magic = Buffer.from('PRLYCLD1');
const keyNameBytes = 4;
const saltBytes = 32;
const tagBytes = 16;
const headBytes = magic.byteLength + keyNameBytes + saltBytes;
const nonce = Buffer.alloc(12);
const purpose = 'parley-cold-1';

export interface SegmentSealer {
  seal(name: string, content: Uint8Array): Buffer;
  /** @throws Error when it was sealed under another key or name, or is not what was sealed. */
  open(name: string, sealed: Uint8Array): Buffer;
}

/** @param keys 32 bytes each. The first one seals; all of them open, so that a key can be changed. */
export function createSegmentSealer(keys: readonly [Uint8Array, ...Uint8Array[]]): SegmentSealer {
  const [own] = keys;

  return {
    seal(name, content) {
      const head = Buffer.concat([magic, nameOf(own), randomBytes(saltBytes)]);
      const cipher = createCipheriv('aes-256-gcm', keyFor(own, head), nonce);
      cipher.setAAD(authenticated(head, name));
      return Buffer.concat([head, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
    },
    open(name, sealed) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const head = bytes.subarray(0, headBytes);
      if (bytes.byteLength < headBytes + tagBytes || !head.subarray(0, magic.byteLength).equals(magic)) {
        throw new Error('it is no segment');
      }
      const keyName = head.subarray(magic.byteLength, magic.byteLength + keyNameBytes);
      const key = keys.find((each) => nameOf(each).equals(keyName));
      if (key === undefined) throw new Error('it was sealed under a key that is not among those in the settings');
      const decipher = createDecipheriv('aes-256-gcm', keyFor(key, head), nonce);
      decipher.setAAD(authenticated(head, name));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(headBytes, -tagBytes)), decipher.final()]);
    },
  };
}

function nameOf(key: Uint8Array): Buffer {
  return hash('sha256', key, 'buffer').subarray(0, keyNameBytes);
}

function keyFor(key: Uint8Array, head: Buffer): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, head.subarray(-saltBytes), purpose, 32));
}

function authenticated(head: Buffer, name: string): Buffer {
  return Buffer.concat([head, Buffer.from(name)]);
}
