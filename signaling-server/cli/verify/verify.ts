/** `verify`: proves a whole data folder, line by line, without writing to it; the relay may be running. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ParleyError } from '../../../protocol/index.ts';
import { blobFilesIn } from '../../adapters/disk/blob-files.ts';
import { readPublished } from '../../adapters/disk/published-files.ts';
import { refuseNewerFile, schemaVersion } from '../../adapters/sqlite/migrations.ts';
import { blobsFolder } from '../../config/data-folder.ts';
import type { Config } from '../../config/settings-table.ts';
import { describeBytes } from '../../observe/disk-space.ts';
import { describeFinding, fail, ok, type Finding } from '../doctor/finding.ts';
import { createSqliteSource } from '../migrate/sqlite-source.ts';
import { printLine } from '../print.ts';
import { exitCodes } from '../usage.ts';
import type { ObjectStoreConfig } from './object-store.ts';
import { inObjectStore, verifyFiles, type Hold } from './verify-files.ts';
import { verifyMessages } from './verify-messages.ts';

export type VerifyConfig = ObjectStoreConfig;

/** @returns 1 when anything differs from what it should be, else 0. @throws ParleyError when there is nothing to verify. */
export async function runVerify(config: Config, flags: Readonly<Record<string, unknown>>): Promise<number> {
  const options = { content: flags['content'] === true };
  let isWhole = true;
  for await (const finding of config.store === null ? verifyData(config, options) : verifyFleet(config, options)) {
    printLine(describeFinding(finding));
    isWhole &&= finding.state !== 'fail';
  }
  return isWhole ? exitCodes.done : exitCodes.failed;
}

/** What fleets need is loaded for them alone. */
async function* verifyFleet(config: Config, options: { content: boolean }): AsyncGenerator<Finding> {
  if (config.store === null) return;
  const { verifyDatabase, verifyFilesOf } = await import('./verify-database.ts');
  yield* verifyDatabase(config.store);
  if (config.blobs !== null) yield await verifyFilesOf(config, config.store, options);
}

/** One finding a part, as soon as that part is through. */
export async function* verifyData(config: VerifyConfig, options: { content: boolean }): AsyncGenerator<Finding> {
  const dataDir = config.data;
  const file = join(dataDir, 'relay.db');
  if (!existsSync(file)) {
    throw new ParleyError('not_found', {
      message: `There is no relay's data in ${dataDir}. Name its folder with --data.`,
    });
  }
  refuseNewerFile(file);
  try {
    const db = new Database(file, { readonly: true, timeout: 5_000 });
    try {
      db.pragma('cache_size = -65536');
      assertPresentSchema(db);
      yield checkDatabase(db, file);
      yield* verifyMessages(db);
      yield await verifyFilesOf(db, config, options);
    } finally {
      db.close();
    }
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    yield fail('database', `it cannot be read to its end: ${error.message}`, restore);
  }
}

async function verifyFilesOf(
  db: Database.Database,
  config: VerifyConfig,
  options: { content: boolean },
): Promise<Finding> {
  const holds = db.prepare<[Uint8Array], number>('SELECT 1 FROM blob_holds WHERE blob = ? LIMIT 1').pluck();
  const source = createSqliteSource(db, config.data, () => {});
  const isHeld = async ({ blob }: Hold) => holds.get(blob) !== undefined;
  if (config.blobs !== null) {
    const { withObjectStore } = await import('./object-store.ts');
    return withObjectStore(config, (storage) => verifyFiles({ source, storage, isHeld, ...inObjectStore }, options));
  }
  const storage = readPublished(blobFilesIn(join(config.data, blobsFolder)));
  const advice = `Copy the folder ${blobsFolder} of your newest backup over the data folder's.`;
  return verifyFiles({ source, storage, isHeld, advice }, options);
}

const restore = 'Stop the relay, keep a copy of its data folder, and restore the newest backup that verifies.';
const faultsTold = 5;

/** SQLite's own full check: every page, and every index against its table; then what refers to what. */
function checkDatabase(db: Database.Database, file: string): Finding {
  const faults = db.prepare<[], string>(`PRAGMA integrity_check(${faultsTold})`).pluck().all();
  if (faults.length !== 1 || faults[0] !== 'ok') return fail('database', `damaged: ${faults.join('; ')}`, restore);
  const loose = db.prepare<[], { table: string }>('PRAGMA foreign_key_check').all();
  if (loose.length > 0) {
    const tables = [...new Set(loose.map(({ table }) => table))].join(', ');
    return fail('database', `${loose.length} rows of ${tables} refer to what is not there`, restore);
  }
  return ok('database', `${describeBytes(statSync(file).size)}, whole`);
}

function assertPresentSchema(db: Database.Database): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version === schemaVersion) return;
  throw new ParleyError('storage_failed', {
    message: `The database has version ${version} and this relay's is ${schemaVersion}. Make a backup, start the relay once to bring it up to date, then verify.`,
  });
}
