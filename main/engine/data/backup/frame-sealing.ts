/**
 * The rest of a backup: frames of 256 KiB, each sealed with AES-256-GCM under the backup's key. Nonce and authenticated data
 * hold the frame's number, so none can be moved or left out; the last one is marked, so none can be missing at the end. It is
 * filled up with zeros, so that a file of any other length is known to be cut.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { BackupKey } from './backup-header.ts';

export const frameFormat = { plainBytes: 256 * 1024, tagBytes: 16, sealedBytes: 256 * 1024 + 16 } as const;

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const prefix = Buffer.from('parley-backup-frame-1', 'ascii');

export interface FrameSealing {
  /** Each index once. */
  seal(index: number, last: boolean, plain: Uint8Array): Buffer;
  /** Null for what is not the frame of that place. */
  open(index: number, last: boolean, sealed: Uint8Array): Buffer | null;
}

/** The key is of this file alone, since its salt is. */
export function createFrameSealing({ key, header }: BackupKey): FrameSealing {
  const headerHash = createHash('sha256').update(header).digest();

  function authenticated(index: number, last: boolean): Buffer {
    const place = Buffer.alloc(9);
    place.writeBigUInt64BE(BigInt(index));
    place.writeUInt8(last ? 1 : 0, 8);
    return Buffer.concat([prefix, headerHash, place]);
  }

  return {
    seal(index, last, plain) {
      const sealing = createCipheriv(cipher, key, nonceOf(index)).setAAD(authenticated(index, last));
      return Buffer.concat([sealing.update(plain), sealing.final(), sealing.getAuthTag()]);
    },
    open(index, last, sealed) {
      const end = sealed.byteLength - frameFormat.tagBytes;
      if (end < 0) return null;
      const opening = createDecipheriv(cipher, key, nonceOf(index), { authTagLength: frameFormat.tagBytes });
      opening.setAAD(authenticated(index, last)).setAuthTag(sealed.subarray(end));
      try {
        const plain = opening.update(sealed.subarray(0, end));
        opening.final();
        return plain;
      } catch {
        return null;
      }
    },
  };
}

function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeBigUInt64BE(BigInt(index), nonceBytes - 8);
  return nonce;
}
