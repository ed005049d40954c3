/** Copies a database while it is in use. */
import type { Database } from 'better-sqlite3';
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { ParleyError } from '../../../protocol/index.ts';
import { toStorageError } from './storage-errors.ts';

/**
 * Writes a consistent copy that opens by itself. The file appears under its name only when it is whole and on disk.
 * @throws ParleyError `bad_request` when the file is there already.
 */
export async function backUp(db: Database, file: string): Promise<void> {
  if (existsSync(file)) {
    throw new ParleyError('bad_request', { message: `${file} exists. Name a new file for the backup.` });
  }
  const partial = `${file}.partial`;
  try {
    rmSync(partial, { force: true });
    closeSync(openSync(partial, 'a', 0o600));
    await db.backup(partial);
    chmodSync(partial, 0o600);
    const handle = openSync(partial, 'r+');
    fsyncSync(handle);
    closeSync(handle);
    renameSync(partial, file);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw toStorageError(cause);
  }
}
