/** Checks the files that people sent: each that a conversation holds is there in its size, and none is there for nobody. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { blobFilesIn, type BlobFiles } from '../../adapters/disk/blob-files.ts';
import { blobFromBytes, blobToBytes } from '../../adapters/sqlite/blob-rows.ts';
import { blobsFolder } from '../../config/data-folder.ts';
import type { Config } from '../../config/settings-table.ts';
import { describeBytes } from '../../observe/disk-space.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Empty for a database that is not there, or is older than files. */
export async function checkBlobs({ data, mediaCapBytes }: Config): Promise<Finding[]> {
  const file = join(data, 'relay.db');
  if (!existsSync(file)) return [];
  try {
    const db = new Database(file, { readonly: true, timeout: 2_000 });
    try {
      return await compare(db, blobFilesIn(join(data, blobsFolder)), mediaCapBytes);
    } finally {
      db.close();
    }
  } catch (error) {
    return [
      fail('files', `they cannot be read: ${(error as Error).message}`, 'Look at the rights of the data folder.'),
    ];
  }
}

async function compare(db: Database.Database, files: BlobFiles, capBytes: number): Promise<Finding[]> {
  const knowsBlobs = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'blob_holds'").get() !== undefined;
  if (!knowsBlobs) return [];
  const stored = await measureStored(db, files);
  return [describeStored(stored, capBytes), ...describeMissing(countMissing(db, files)), ...describeOrphans(stored)];
}

interface Stored {
  count: number;
  bytes: number;
  orphans: number;
  orphanBytes: number;
}

async function measureStored(db: Database.Database, files: BlobFiles): Promise<Stored> {
  const isHeld = db.prepare<[Buffer], number>('SELECT 1 FROM blob_holds WHERE blob = ? LIMIT 1').pluck();
  const stored: Stored = { count: 0, bytes: 0, orphans: 0, orphanBytes: 0 };
  for await (const blob of files.blobs()) {
    const bytes = sizeOf(files.blob(blob).bytes) ?? 0;
    stored.count += 1;
    stored.bytes += bytes;
    if (isHeld.get(blobToBytes(blob)) !== undefined) continue;
    stored.orphans += 1;
    stored.orphanBytes += bytes;
  }
  return stored;
}

function countMissing(db: Database.Database, files: BlobFiles): number {
  let missing = 0;
  const held = db.prepare<[], { blob: Buffer; bytes: number }>('SELECT DISTINCT blob, bytes FROM blob_holds');
  for (const { blob, bytes } of held.iterate()) {
    const pair = files.blob(blobFromBytes(blob));
    if (sizeOf(pair.bytes) !== bytes || sizeOf(pair.hashes) === null) missing += 1;
  }
  return missing;
}

function describeStored({ count, bytes }: Stored, capBytes: number): Finding {
  const found = `${count} of people, ${describeBytes(bytes)}`;
  if (capBytes === 0 || bytes < capBytes * 0.9) return ok('files', found);
  const advice = 'Raise --media-cap-bytes, or keep files for fewer days with --media-keep-days.';
  return warn('files', `${found}, of at most ${describeBytes(capBytes)}`, advice);
}

function describeMissing(missing: number): Finding[] {
  if (missing === 0) return [];
  const advice = `Copy the folder ${blobsFolder} of your newest backup into the data folder; nothing is overwritten by that.`;
  return [warn('missing files', `${missing} that conversations hold are not there whole`, advice)];
}

function describeOrphans({ orphans, orphanBytes }: Stored): Finding[] {
  if (orphans === 0) return [];
  const found = `${orphans} that no conversation holds (${describeBytes(orphanBytes)})`;
  const advice = 'Usual after a restore: they are from after the backup. A file sent again takes its place back.';
  return [warn('spare files', found, advice)];
}

function sizeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.size ?? null;
}
