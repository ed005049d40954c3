/** Says in Parley's codes what went wrong with the database, and what may be done about it. */
import { DatabaseError } from 'pg';
import { ParleyError } from '../../../protocol/index.ts';

/**
 * What a failure means for what was asked:
 * - `conflict`: others were in the way; nothing was changed, and asking again helps;
 * - `unsent`: the database was not reached; nothing was changed;
 * - `lost`: the connection broke, and whether it was carried out is unknown;
 * - `slow`: it took too long and was given up; whether it was carried out is unknown unless the database said so;
 * - `other`: anything else; nothing was changed.
 */
export type FaultKind = 'conflict' | 'unsent' | 'lost' | 'slow' | 'other';

/** Thrown in place of what the driver throws when there was no connection to ask over. */
export class NoConnection extends Error {
  override readonly name = 'NoConnection';
  /** All connections were in use for too long. */
  readonly exhausted: boolean;
  constructor(cause: unknown, exhausted: boolean) {
    super(exhausted ? 'All connections to the database are in use.' : 'There is no connection to the database.', {
      cause,
    });
    this.exhausted = exhausted;
  }
}

/** Of PostgreSQL's table of error codes (appendix A): serialization_failure, deadlock_detected. */
const conflicts = new Set(['40001', '40P01']);
/** query_canceled (by the time limit), lock_not_available. */
const tooSlow = new Set(['57014', '55P03']);
/** admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout, too_many_connections. */
const goingAway = new Set(['57P01', '57P02', '57P03', '57P05', '53300']);
/** invalid_password and its class, no such database, no right, no such schema, table or column. */
const notAllowed = new Set(['3D000', '42501', '3F000', '42P01', '42703']);

export function sqlState(error: unknown): string | null {
  return error instanceof DatabaseError ? (error.code ?? null) : null;
}

export function faultKind(error: unknown): FaultKind {
  if (error instanceof NoConnection)
    return isRefusal(sqlState(error.cause)) ? 'other' : error.exhausted ? 'slow' : 'unsent';
  if (error instanceof ParleyError) return 'other';
  if (isTimeout(error)) return 'slow';
  const state = sqlState(error);
  if (state === null) return isBroken(error) ? 'lost' : 'other';
  if (conflicts.has(state)) return 'conflict';
  if (tooSlow.has(state)) return 'slow';
  // The server takes no writes (now): another one does, or this one again soon.
  if (state === '25006') return 'unsent';
  // 40003: the engine itself does not know. 08: the connection.
  return goingAway.has(state) || state === '40003' || state.startsWith('08') ? 'lost' : 'other';
}

/** Whether a connection is of no use after this error. */
export function breaksConnection(error: unknown): boolean {
  const state = sqlState(error);
  return state === null ? isBroken(error) || isTimeout(error) : ['lost', 'unsent'].includes(faultKind(error));
}

/** Errors of Parley and of broken rules (23…) pass through; the others become what the port promises. */
export function toStoreError(cause: unknown): unknown {
  if (cause instanceof ParleyError) return cause;
  const state = sqlState(cause instanceof NoConnection ? cause.cause : cause);
  if (state === '53100') return full(cause);
  if (isRefusal(state)) return refused(cause);
  if (state === '53300') return crowded(cause);
  if (state === 'XX001' || state === 'XX002') return damaged(cause);
  const kind = faultKind(cause);
  if (kind === 'other') return state?.startsWith('53') ? away(cause) : cause;
  return kind === 'slow' ? slow(cause) : away(cause);
}

const retryAfterMs = 2_000;

function isRefusal(state: string | null): boolean {
  return state !== null && (state.startsWith('28') || notAllowed.has(state));
}

/** What the driver says when its own time limit for an answer has passed. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** Errors of sockets have a code; the driver's own words for a connection that ended have none. */
function isBroken(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof DatabaseError) return false;
  return 'syscall' in error || 'code' in error || /connection|not queryable|Client was closed/iu.test(error.message);
}

function away(cause: unknown): ParleyError {
  const message = 'The relay cannot reach its database at the moment. Try again in a minute.';
  return new ParleyError('unavailable', { message, cause, retryAfterMs });
}

function slow(cause: unknown): ParleyError {
  const message = 'The database answers too slowly at the moment. Try again in a minute.';
  return new ParleyError('unavailable', { message, cause, retryAfterMs });
}

function crowded(cause: unknown): ParleyError {
  const message = 'The database takes no more connections at the moment. Try again in a minute.';
  return new ParleyError('unavailable', { message, cause, retryAfterMs });
}

function full(cause: unknown): ParleyError {
  const message = "The disk of the relay's database is full. Its admin has to free some space; then try again.";
  return new ParleyError('storage_full', { message, cause });
}

function damaged(cause: unknown): ParleyError {
  const message = "The relay's database is damaged. Its admin should restore it from a backup.";
  return new ParleyError('storage_failed', { message, cause });
}

/** The database's own words name the user, the database or the table, and no password. */
function refused(cause: unknown): ParleyError {
  const source = cause instanceof NoConnection ? cause.cause : cause;
  const words = source instanceof Error ? source.message : 'access denied';
  const message = `The database refuses the relay: ${words}. Its admin should check the user, the password and the database in the store's URL.`;
  return new ParleyError('storage_failed', { message, cause });
}
