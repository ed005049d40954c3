/** Opens a SQLite file of the engine: private, locked to this process, durable, and at the version of this build. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { storageErrorFrom, storageNewer } from './faults.ts';

export type Database = Sqlite.Database;

/** One step of a schema, forward only. Its place in the list is its number. */
export type Migration = string;

/**
 * When a commit is safe from a power cut: before it returns, or when the system next writes to the disk, as it does by itself
 * within half a minute. A crash of the program takes neither, and a power cut takes the latest commits, each as a whole.
 */
export type Durable = 'now' | 'soon';

export interface OpenDatabaseOptions {
  readonly file: string;
  readonly migrations: readonly Migration[];
  /** How long to wait for a process that is just closing the file. */
  readonly busyMs?: number;
}

/** Of 4 KiB: a step takes some milliseconds. */
const pagesPerStep = 256;

/**
 * The file is held exclusively, so a second process is refused at once. `synchronous` is FULL, since the outbox must survive
 * a power cut (P5); `commitAs` makes exceptions.
 *
 * @throws ParleyError `storage_busy`, `storage_newer` (the file is left as it was), or `storage_failed`.
 */
export function openDatabase({ file, migrations, busyMs = 1_500 }: OpenDatabaseOptions): Database {
  let database: Database | null = null;
  try {
    makePrivate(file);
    database = new Sqlite(file, { timeout: busyMs });
    refuseNewer(database, migrations.length);
    configure(database);
    migrate(database, migrations);
    return database;
  } catch (error) {
    closeQuietly(database);
    throw storageErrorFrom(error);
  }
}

/**
 * @param durable `soon` is for what can be had again from elsewhere: each wait for the disk holds up all else that the
 * engine does, and is long where files are being written.
 */
export function commitAs<T>(database: Database, durable: Durable, work: () => T): T {
  if (durable === 'now' || database.inTransaction) return work();
  database.pragma('synchronous = NORMAL');
  try {
    return work();
  } finally {
    database.pragma('synchronous = FULL');
  }
}

export function closeQuietly(database: Database | null): void {
  try {
    database?.close();
  } catch {
    // A damaged or full file may refuse even that; the process lets go of it anyway.
  }
}

/** By SQLite's online backup: what is written while it runs is in the copy too. */
export async function copyDatabase(
  database: Database,
  file: string,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const copy = await open(file, 'wx', 0o600);
  let syncing: Promise<void> | null = null;
  /** In the background, so that SQLite's own sync at the end finds little left to wait for. */
  const sync = () => (syncing ??= copy.datasync().finally(() => (syncing = null)));
  try {
    await database.backup(file, {
      progress({ totalPages, remainingPages }) {
        onProgress(totalPages - remainingPages, totalPages);
        sync().catch(() => {});
        return pagesPerStep;
      },
    });
  } finally {
    await (syncing as Promise<void> | null)?.catch(() => {});
    await copy.close();
  }
}

function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  if (process.platform !== 'win32') chmodSync(file, 0o600);
}

function refuseNewer(database: Database, known: number): void {
  if (versionOf(database) > known) throw storageNewer();
}

function configure(database: Database): void {
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma('cache_size = -16000');
  database.pragma('temp_store = MEMORY');
  database.pragma('wal_autocheckpoint = 4000');
  database.pragma('journal_size_limit = 33554432');
}

function migrate(database: Database, migrations: readonly Migration[]): void {
  for (let version = versionOf(database); version < migrations.length; version++) {
    const migration = migrations[version] ?? '';
    database
      .transaction(() => {
        database.exec(migration);
        database.pragma(`user_version = ${version + 1}`);
      })
      .immediate();
  }
  // Takes the exclusive lock even where nothing was to migrate, so that a second process is refused now and not later.
  database.exec('BEGIN IMMEDIATE; COMMIT');
}

function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}
