/** What storages of blobs have in common: their words, and that every failure that leaves them has a code of Parley's. */
import { ParleyError } from '../../protocol/index.ts';
import type { BlobStorage } from '../ports/blobs.ts';

export function noRoom(cause?: unknown): ParleyError {
  const message =
    'The relay has no room for more files. Its admin has to free some space; then try again. People who are online can still get the file directly from your device.';
  return new ParleyError('storage_full', { message, cause });
}

export function noSuchBlob(): ParleyError {
  return new ParleyError('not_found', { message: 'The relay does not have this file.' });
}

export type Guard = <A extends unknown[], T>(act: (...input: A) => Promise<T>) => (...input: A) => Promise<T>;

/** @param explain what to throw in place of a failure. */
export function createGuard(explain: (error: unknown) => unknown): Guard {
  return (act) =>
    (...input) =>
      act(...input).catch((error: unknown) => {
        throw explain(error);
      });
}

type RequiredActs = {
  readonly [K in keyof BlobStorage as undefined extends BlobStorage[K] ? never : K]: BlobStorage[K];
};

/** The acts that every storage has; what a storage has beyond them it guards itself. */
export function guardBlobs(storage: RequiredActs, guard: Guard): RequiredActs {
  return {
    offset: guard(storage.offset),
    append: guard(storage.append),
    publish: guard(storage.publish),
    abandon: guard(storage.abandon),
    size: guard(storage.size),
    open: guard(storage.open),
    hashes: guard(storage.hashes),
    remove: guard(storage.remove),
    staleUploads: guard(storage.staleUploads),
    used: guard(storage.used),
    assertRoom: guard(storage.assertRoom),
    ping: guard(storage.ping),
    close: guard(storage.close),
  };
}
