/** Says in Parley's codes what went wrong in SQLite. */
import Database from 'better-sqlite3';
import { ParleyError } from '../../../protocol/index.ts';

/** Errors of Parley pass through; those of SQLite become `storage_full`, `unavailable` or `storage_failed`. */
export function toStorageError(cause: unknown): unknown {
  if (cause instanceof ParleyError) return cause;
  if (!(cause instanceof Database.SqliteError)) return isNoSpace(cause) ? full(cause) : cause;
  const { code } = cause;
  if (code === 'SQLITE_FULL') return full(cause);
  if (code === 'SQLITE_CORRUPT' || code.startsWith('SQLITE_CORRUPT_') || code === 'SQLITE_NOTADB')
    return damaged(cause);
  if (code.startsWith('SQLITE_CONSTRAINT')) return cause;
  const message = 'The relay cannot reach its database at the moment. Try again in a minute.';
  return new ParleyError('unavailable', { message, cause });
}

export function isConstraint(cause: unknown): cause is Error {
  return cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_CONSTRAINT');
}

export function isBusy(cause: unknown): boolean {
  return cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY');
}

function isNoSpace(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function full(cause: unknown): ParleyError {
  return new ParleyError('storage_full', {
    message: "The relay's disk is full. Its admin has to free some space; then try again.",
    cause,
  });
}

function damaged(cause: unknown): ParleyError {
  return new ParleyError('storage_failed', {
    message: "The relay's database is damaged. Its admin should restore it from a backup.",
    cause,
  });
}
