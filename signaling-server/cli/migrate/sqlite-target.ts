/** Fills a new data folder's database under a name that no relay opens; it gets its own when all is there and compared. */
import { renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { idToBytes } from '../../adapters/sqlite/ids.ts';
import { migrate } from '../../adapters/sqlite/migrations.ts';
import { fsyncFolder } from '../../adapters/disk/fsync-folder.ts';
import { ParleyError, type RelayId } from '../../../protocol/index.ts';
import { migrationStateSchema, nothingYet, type MigrationState } from './migration-state.ts';
import { createSqliteInserts } from './sqlite-inserts.ts';
import { createSqliteSource } from './sqlite-source.ts';
import type { Target } from './sides.ts';

interface TargetDeps {
  /** The folder is held by the caller. */
  readonly folder: string;
  /** The database's name when it is finished. */
  readonly file: string;
  readonly relayId: RelayId;
  readonly from: MigrationState['from'];
  release(): void;
}

/** @throws ParleyError `storage_busy` when the folder is being filled with the data of another relay. */
export function openSqliteTarget({ folder, file, relayId, from, release }: TargetDeps): Target {
  const partial = `${file}.migrating`;
  const db = new Database(partial);
  db.pragma('page_size = 8192');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('cache_size = -65536');
  migrate(db);
  const state = openState(db, { relayId, from, parts: {} });
  const inserts = createSqliteInserts(db);
  return {
    title: folder,
    progress: (part) => state.parts[part] ?? nothingYet,
    async write(part, rows, progress) {
      const parts = { ...state.parts, [part]: { ...progress, position: progress.position && [...progress.position] } };
      db.transaction(() => {
        inserts.insert(part, rows);
        keepState(db, { ...state, parts });
      }).immediate();
      state.parts = parts;
    },
    async derive() {
      db.transaction(() => inserts.seal()).immediate();
      db.exec('ANALYZE');
    },
    reader: async () => createSqliteSource(db, folder, () => {}),
    async finish() {
      db.exec('DROP TABLE migration');
      db.pragma('wal_checkpoint(TRUNCATE)');
      db.close();
      for (const beside of [`${partial}-wal`, `${partial}-shm`]) rmSync(beside, { force: true });
      renameSync(partial, file);
      await fsyncFolder(folder);
    },
    async close() {
      if (db.open) db.close();
      release();
    },
  };
}

const stateSchema = z.object({ state: z.string() });

function openState(db: Database.Database, wanted: MigrationState): MigrationState {
  db.exec(
    'CREATE TABLE IF NOT EXISTS migration (only INTEGER PRIMARY KEY CHECK (only = 1), state TEXT NOT NULL) STRICT',
  );
  const row = db.prepare('SELECT state FROM migration').get();
  if (row === undefined) {
    const put = db.prepare<[Buffer]>("INSERT INTO meta VALUES ('relay_id', ?)");
    db.transaction(() => {
      put.run(idToBytes(wanted.relayId));
      keepState(db, wanted);
    }).immediate();
    return wanted;
  }
  const state = migrationStateSchema.parse(JSON.parse(stateSchema.parse(row).state));
  if (state.relayId === wanted.relayId && state.from === wanted.from) return state;
  throw new ParleyError('storage_busy', {
    message: `${db.name} is half filled with the data of another relay. Go on with that migration, or remove the file.`,
  });
}

function keepState(db: Database.Database, state: MigrationState): void {
  const put = 'INSERT INTO migration VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET state = excluded.state';
  db.prepare<[string]>(put).run(JSON.stringify(state));
}
