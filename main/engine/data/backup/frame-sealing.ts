/**
 * The rest of a backup: frames of 256 KiB, each sealed with AES-256-GCM under the backup's key. Nonce and authenticated data
 * hold the frame's number, so none can be moved or left out; the last one is marked, so none can be missing at the end. It is
 * filled up with zeros, so that a file of any other length is known to be cut.
 */
import { createHash } from 'node:crypto';
import { openNumbered, sealNumbered, tagBytes } from '../../sealing/numbered-sealing.ts';
import type { BackupKey } from './backup-header.ts';

export const frameFormat = { plainBytes: 256 * 1024, tagBytes, sealedBytes: 256 * 1024 + tagBytes } as const;

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
    seal: (index, last, plain) => sealNumbered(key, index, authenticated(index, last), plain),
    open: (index, last, sealed) => openNumbered(key, index, authenticated(index, last), sealed),
  };
}
