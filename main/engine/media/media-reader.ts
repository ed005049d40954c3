/** Gives the bytes of files to the host: what is here at once, what is not yet as soon as it came. */
import { open } from 'node:fs/promises';
import type { OutputOf } from '../../../bridge/contract.ts';
import type { GuestContract } from '../../../bridge/host-contract.ts';
import type { MediaRef } from '../../../bridge/media-views.ts';
import { ParleyError } from '../../../protocol/index.ts';
import type { BlobRef, BlobVault } from '../blobs/blob-vault.ts';
import type { Store } from '../storage/store.ts';
import type { Transfers } from '../transfers/transfers.ts';
import { isDangerous } from './dangerous.ts';
import { requireFile } from './find-file.ts';
import { inlineType } from './inline-type.ts';

export interface MediaReader {
  /** @throws ParleyError `not_found`. */
  describe(ref: MediaRef): OutputOf<GuestContract, 'media.describe'>;
  /** @throws ParleyError `not_found`, `unreachable`, `file_unreadable`. */
  read(ref: MediaRef, from: number, length: number): Promise<Uint8Array>;
}

interface ReaderDeps {
  readonly store: Store;
  readonly vault: BlobVault;
  readonly transfers: Transfers;
}

export const mostReadBytes = 1024 * 1024;
/** Damaged chunks are fetched again; more often than this would be a loop. */
const tries = 3;

export function createMediaReader({ store, vault, transfers }: ReaderDeps): MediaReader {
  async function readSealed(ref: MediaRef, { blob }: BlobRef, from: number, length: number): Promise<Uint8Array> {
    for (let count = 0; count < tries; count++) {
      const plain = await vault.plain(blob, from, length);
      if (plain) return plain;
      if (!transfers.viewOf(ref)) await transfers.start(ref);
      await transfers.hurry(blob, from, length);
    }
    throw new ParleyError('unreachable', {
      message: 'This part of the file did not come. Try again once you or the sender are online.',
    });
  }

  return {
    describe(ref) {
      const file = requireFile(store, ref);
      const { name, kind, type, bytes } = file;
      const dangerous = isDangerous(name, type);
      return {
        name,
        kind,
        bytes,
        dangerous,
        inlineType: dangerous ? null : inlineType(kind, type),
        held: file.ref === null || (vault.state(file.ref.blob)?.whole ?? false),
        savedAs: file.ref ? (store.blobs.get(file.ref.blob)?.savedAs ?? null) : null,
      };
    },
    async read(ref, from, length) {
      const file = requireFile(store, ref);
      const wanted = Math.min(length, mostReadBytes, file.bytes - from);
      if (wanted <= 0) return new Uint8Array();
      if (file.ref) return readSealed(ref, file.ref, from, wanted);
      return readSource(file.path, from, wanted);
    },
  };
}

/** An own file that is not sealed yet lies where the person chose it. */
async function readSource(path: string | null, from: number, length: number): Promise<Uint8Array> {
  try {
    if (path === null) throw sourceGone();
    const file = await open(path, 'r');
    try {
      const buffer = new Uint8Array(length);
      const { bytesRead } = await file.read(buffer, 0, length, from);
      if (bytesRead === 0) throw sourceGone();
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    throw sourceGone();
  }
}

function sourceGone(): ParleyError {
  return new ParleyError('file_unreadable', {
    message: 'The file cannot be read any more. Check that it is still in its place.',
  });
}
