/** The embedded store: one SQLite database in the relay's data directory. */
import Database from 'better-sqlite3';
import type { Clock } from '../../ports/clock.ts';
import type { ColdCatalogue } from '../../ports/cold.ts';
import type { Log } from '../../ports/log.ts';
import type { RelayMetrics } from '../../ports/metrics.ts';
import type { Store } from '../../ports/store.ts';
import { createAccountStore } from './accounts.ts';
import { backUp } from './backup.ts';
import { createBlobStore } from './blobs.ts';
import { createChainStore } from './chains.ts';
import { createCheckpointer } from './checkpointer.ts';
import { createColdCatalogue } from './cold-catalogue.ts';
import { createConversationCache } from './conversation-cache.ts';
import { createConversationStore } from './conversations.ts';
import { holdDataDirectory } from './data-directory.ts';
import { createDeviceStore } from './devices.ts';
import { createIdleCheck, startIdleCheck } from './idle-check.ts';
import { createIntegrity, type Integrity, type IntegrityOutcome } from './integrity.ts';
import { createInviteRedeemer, createInviteStore } from './invites.ts';
import { createKeys } from './keys.ts';
import { createLogIndex } from './log-index.ts';
import { createLogStore } from './log-store.ts';
import { migrate, refuseNewerFile, schemaVersion } from './migrations.ts';
import { loadRelayId } from './relay-id.ts';
import { toStorageError } from './storage-errors.ts';
import { presizeWal } from './wal.ts';
import { createWriter } from './writer.ts';

export interface SqliteStoreDeps {
  /** Made when it is missing; held by one relay at a time. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RelayMetrics;
}

export type SqliteStore = Store & {
  readonly cold: ColdCatalogue;
  /** Copies the database to a new file while it is in use. */
  backup(file: string): Promise<void>;
  /** Has all pages looked through now. @returns what came out; null when it could not be done. */
  checkIntegrity(): Promise<IntegrityOutcome | null>;
  readonly schemaVersion: number;
  readonly file: string;
};

/** @throws ParleyError `storage_busy`, `storage_newer`, `storage_full`, or `storage_failed` for a damaged database. */
export async function openSqliteStore({ dataDir, clock, log, metrics }: SqliteStoreDeps): Promise<SqliteStore> {
  const directory = holdDataDirectory(dataDir);
  try {
    refuseNewerFile(directory.databaseFile);
    const db = openDatabase(directory.databaseFile);
    return buildStore({ db, release: () => directory.release(), clock, log, metrics });
  } catch (cause) {
    directory.release();
    throw toStorageError(cause);
  }
}

function openDatabase(file: string): Database.Database {
  const db = new Database(file);
  try {
    // Half as many pages a commit as with the default of 4 KiB. Only a new database takes it.
    db.pragma('page_size = 8192');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('wal_autocheckpoint = 0');
    db.pragma('cache_size = -65536');
    migrate(db);
    presizeWal(db);
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

interface Parts extends Omit<SqliteStoreDeps, 'dataDir'> {
  readonly db: Database.Database;
  readonly release: () => void;
}

function buildStore({ db, release, clock, log, metrics }: Parts): SqliteStore {
  const relayId = loadRelayId(db, clock());
  const checkpointer = createCheckpointer(db, log);
  const writer = createWriter(db, checkpointer);
  const keys = createKeys(db);
  const index = createLogIndex(db);
  const cache = createConversationCache(db, index);
  const isThere = db.prepare('SELECT 1 FROM meta');
  const integrity = createIntegrity({ db, writer, clock, log });
  const written = db.prepare<[], number>('SELECT total_changes()').pluck();
  const stopChecking = startIdleCheck(createIdleCheck({ clock, ...integrity, written: () => written.get() ?? 0 }));
  metrics.gauge('parley_storage_wal_pages', 'Pages in the write-ahead log.', () => checkpointer.pages());
  showIntegrity(metrics, integrity);

  return {
    relayId,
    schemaVersion,
    file: db.name,
    accounts: createAccountStore({ db, writer, redeemInvite: createInviteRedeemer(db) }),
    devices: createDeviceStore({ db, writer, keys }),
    invites: createInviteStore(db, writer),
    conversations: createConversationStore({ db, writer, keys, cache, clock }),
    log: createLogStore({ db, writer, keys, cache, index }),
    blobs: createBlobStore({ db, writer, keys, cache }),
    chains: createChainStore({ db, writer, keys, cache }),
    cold: createColdCatalogue({ db, writer, cache, index }),
    backup: (file) => backUp(db, file),
    checkIntegrity: integrity.check,
    async ping() {
      isThere.get();
    },
    async close() {
      if (!db.open) return;
      stopChecking();
      await integrity.close();
      await writer.settled();
      await writer.run(() => index.seal()).catch((error: unknown) => log.warn('storage.not_sealed', { error }));
      await checkpointer.close();
      db.close();
      release();
    },
  };
}

function showIntegrity(metrics: RelayMetrics, { last }: Integrity): void {
  const checked = 'parley_storage_checked_timestamp_seconds';
  metrics.gauge(checked, 'When the database was last looked through; 0: never.', () => (last()?.at ?? 0) / 1_000);
  metrics.gauge('parley_storage_damaged', '1 when something was damaged then.', () => (last()?.faults.length ? 1 : 0));
}
