/** The steps that bring a database to this build's schema: forward only, each in a transaction of its own. */
import type { Database } from 'better-sqlite3';
import { closeSync, openSync, readSync } from 'node:fs';
import { ParleyError } from '../../../protocol/index.ts';
import { firstSchema } from './schema-001-first.ts';

/** In order; the number of a step is its place, counted from 1. Never change one that has been released. */
const migrations: readonly string[] = [firstSchema];

export const schemaVersion = migrations.length;

/** Marks the file as a relay's database (`file` and `doctor` tell it by that): "PRLY". */
const applicationId = 0x50524c59;

/** @throws ParleyError `storage_newer` when the database was written by a newer relay; it is left as it is. */
export function migrate(db: Database): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  refuseNewer(version, db.name);
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`application_id = ${applicationId}`);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}

/**
 * Looks at the version in the file's header, before SQLite opens the file and could write beside it.
 * @see https://www.sqlite.org/fileformat.html#user_version_number
 */
export function refuseNewerFile(file: string): void {
  const header = Buffer.alloc(64);
  const handle = openSync(file, 'r');
  try {
    if (readSync(handle, header, 0, 64, 0) === 64) refuseNewer(header.readInt32BE(60), file);
  } finally {
    closeSync(handle);
  }
}

function refuseNewer(version: number, file: string): void {
  if (version <= schemaVersion) return;
  const message = `The database ${file} has version ${version}, and this relay knows versions up to ${schemaVersion}. Install the newer relay that wrote it; nothing was changed.`;
  throw new ParleyError('storage_newer', { message });
}
