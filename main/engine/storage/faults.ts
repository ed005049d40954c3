/** Tells what went wrong with SQLite or the file system, and says it in words for a person. */
import { ParleyError } from '../../../protocol/index.ts';

export type StorageFault = 'full' | 'damaged' | 'busy' | 'denied' | 'other';

const fullCodes = new Set(['SQLITE_FULL', 'ENOSPC', 'EDQUOT']);
const deniedCodes = new Set(['SQLITE_CANTOPEN', 'SQLITE_READONLY', 'SQLITE_PERM', 'EACCES', 'EPERM', 'EROFS']);

/** Null for an error that does not come from storing. Looks through the causes of ours. */
export function storageFaultOf(error: unknown): StorageFault | null {
  if (!(error instanceof Error) || isOfOtherKind(error)) return null;
  const code = (error as { code?: unknown }).code;
  const fault = typeof code === 'string' ? faultOfCode(code) : null;
  return fault ?? (error.cause === undefined ? null : storageFaultOf(error.cause));
}

/** What the network reports may carry the same system codes. */
function isOfOtherKind(error: Error): boolean {
  return error instanceof ParleyError && !error.code.startsWith('storage_');
}

function faultOfCode(code: string): StorageFault | null {
  if (fullCodes.has(code)) return 'full';
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return 'damaged';
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return 'busy';
  if (deniedCodes.has(code) || /^SQLITE_(CANTOPEN|READONLY)/.test(code)) return 'denied';
  return code.startsWith('SQLITE_') ? 'other' : null;
}

const words: Record<Exclude<StorageFault, 'busy'>, string> = {
  full: 'The disk is full, so Parley cannot store anything new. Free some space; Parley goes on by itself.',
  denied: 'Parley may not write to its data folder. Check the permissions of the folder, then try again.',
  damaged:
    'The history on this computer is damaged. Restart Parley: it sets the damaged file aside and fetches everything again.',
  other: 'The history on this computer could not be read or written. Try again; if it stays, restart Parley.',
};

/** Turns an error of storing into ours; hands back every other one as it is. */
export function storageErrorFrom(error: unknown): unknown {
  if (isOfClosedDatabase(error)) return historyClosed(error);
  const fault = error instanceof ParleyError ? null : storageFaultOf(error);
  if (!fault) return error;
  if (fault === 'busy') return storageBusy(error);
  return new ParleyError('storage_failed', { message: words[fault], cause: error });
}

/** What better-sqlite3 throws for a statement after `close`, such as of a command that waited while the person logged out. */
function isOfClosedDatabase(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'The database connection is not open';
}

function historyClosed(cause: unknown): ParleyError {
  return new ParleyError('unavailable', {
    message: 'The history was closed before this could be done, and it was not done. Log in, then try again.',
    cause,
  });
}

/** Runs work on the disk; what the disk refuses comes in words. */
export async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageErrorFrom(error);
  }
}

export function storageBusy(cause?: unknown): ParleyError {
  return new ParleyError('storage_busy', {
    message: 'Another Parley is using this profile. Close it, or start with another profile.',
    cause,
  });
}

export function storageNewer(): ParleyError {
  return new ParleyError('storage_newer', {
    message: 'This history was written by a newer version of Parley. Update Parley to open it; nothing was changed.',
  });
}
