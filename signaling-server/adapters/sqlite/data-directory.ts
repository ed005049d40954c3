/** The folder that holds a relay's data: made for its owner alone, and held by one relay at a time. */
import Database from 'better-sqlite3';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { ParleyError } from '../../../protocol/index.ts';
import { isBusy } from './storage-errors.ts';

export interface DataDirectory {
  readonly databaseFile: string;
  /** Lets another relay have the folder. */
  release(): void;
}

/**
 * Makes the folder where it is missing and locks it.
 * @throws ParleyError `storage_busy` while another relay holds it; `storage_failed` when it cannot be written.
 */
export function holdDataDirectory(path: string): DataDirectory {
  const databaseFile = join(path, 'relay.db');
  const folder = holdFolder(path);
  try {
    keepPrivate(databaseFile);
  } catch (cause) {
    folder.release();
    const message = `The database ${databaseFile} cannot be written. Make it writable for the relay's user.`;
    throw new ParleyError('storage_failed', { message, cause });
  }
  return { databaseFile, release: () => folder.release() };
}

/** As `holdDataDirectory`, for a relay whose database is elsewhere. */
export function holdFolder(path: string): Pick<DataDirectory, 'release'> {
  const lockFile = join(path, 'relay.lock');
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    keepPrivate(lockFile);
  } catch (cause) {
    const message = `The data directory ${path} cannot be written. Make it writable for the relay's user, or choose another one.`;
    throw new ParleyError('storage_failed', { message, cause });
  }
  const lock = holdLock(lockFile, path);
  return { release: () => void lock.close() };
}

/**
 * SQLite's own lock on a file beside the database: the operating system frees it however the process ends, and two
 * stores of one process exclude each other too, which a lock by process id would not give.
 */
function holdLock(file: string, directory: string): Database.Database {
  const lock = new Database(file, { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    if (!isBusy(cause)) throw cause;
    const message = `Another relay is running on the data directory ${directory}. Stop it first, or choose another directory.`;
    throw new ParleyError('storage_busy', { message, cause });
  }
}

/** SQLite gives the files it makes beside a database the database's own mode. */
function keepPrivate(file: string): void {
  if (existsSync(file)) chmodSync(file, 0o600);
  else closeSync(openSync(file, 'a', 0o600));
}
