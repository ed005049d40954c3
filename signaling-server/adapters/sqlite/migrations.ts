/** The steps that bring a database to this build's schema: forward only, each in a transaction of its own. */
import type { Database } from 'better-sqlite3';
import { closeSync, openSync, readSync } from 'node:fs';
import { ParleyError } from '../../../protocol/index.ts';
import { firstSchema } from './schema-001-first.ts';
import { blobSchema } from './schema-002-blobs.ts';
import { chainSchema } from './schema-003-chains.ts';
import { coldSchema } from './schema-004-cold.ts';

/** In order; the number of a step is its place, counted from 1. Never change one that has been released. */
const migrations: readonly string[] = [firstSchema, blobSchema, chainSchema, coldSchema];

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
 * Looks at the file's header before SQLite opens the file and could write beside it. An empty file is a new database.
 * @see https://www.sqlite.org/fileformat.html#the_database_header
 * @throws ParleyError `storage_newer`, or `storage_failed` when the file is no relay's database.
 */
export function refuseNewerFile(file: string): void {
  const header = Buffer.alloc(72);
  const handle = openSync(file, 'r');
  try {
    if (readSync(handle, header, 0, header.length, 0) === 0) return;
  } finally {
    closeSync(handle);
  }
  const [version, application] = [header.readInt32BE(60), header.readInt32BE(68)];
  const isDatabase = header.toString('latin1', 0, 16) === 'SQLite format 3\0';
  // Without a version it was just being made when its relay ended.
  const isOurs = application === applicationId || (application === 0 && version === 0);
  if (isDatabase && isOurs) return refuseNewer(version, file);
  const message = `${file} is not a relay's database. Choose another data directory, or move the file away.`;
  throw new ParleyError('storage_failed', { message });
}

function refuseNewer(version: number, file: string): void {
  if (version <= schemaVersion) return;
  const message = `The database ${file} has version ${version}, and this relay knows versions up to ${schemaVersion}. Install the newer relay that wrote it; nothing was changed.`;
  throw new ParleyError('storage_newer', { message });
}
