/** Says in Parley's codes what went wrong with a file of a blob. */
import { ParleyError } from '../../../protocol/index.ts';
import { noRoom } from '../blob-errors.ts';

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
}

/** For `catch`: null for a file that is not there. */
export function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

/** Errors of Parley pass through; a disk without room becomes `storage_full`, other faults of files `unavailable`. */
export function toDiskError(cause: unknown): unknown {
  if (cause instanceof ParleyError) return cause;
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  if (code === undefined) return cause;
  if (code === 'ENOSPC' || code === 'EDQUOT') return noRoom(cause);
  const message = 'The relay cannot reach its files at the moment. Try again in a minute.';
  return new ParleyError('unavailable', { message, cause });
}
