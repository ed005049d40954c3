/** Looks into a copy of a history that is in nobody's use: what it holds, and what has to be different on another computer. */
import { statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { sealedSize, type BlobId, type UserId } from '../../../../protocol/index.ts';
import { closeQuietly, openDatabase, type Database } from '../../storage/database.ts';
import { storageErrorFrom, storageFaultOf } from '../../storage/faults.ts';
import { historyMigrations } from '../../storage/migrations.ts';
import { markRestored } from '../../storage/restored-mark.ts';
import { createStateTable } from '../../storage/state-table.ts';
import { damagedBackup } from './backup-header.ts';

export interface Snapshot {
  readonly messages: number;
  /** Those that are here whole, with their sealed sizes. */
  readonly blobs: readonly { readonly blob: BlobId; readonly bytes: number }[];
  readonly historyBytes: number;
}

export function readSnapshot(file: string): Snapshot {
  const database = new Sqlite(file, { fileMustExist: true });
  try {
    const messages = database
      .prepare<[], number>('SELECT count(*) FROM messages WHERE content_kind IS NOT NULL')
      .pluck()
      .get();
    const rows = database
      .prepare<[], { id: BlobId; bytes: number }>('SELECT id, bytes FROM blobs WHERE whole = 1')
      .all();
    const blobs = rows.map(({ id, bytes }) => ({ blob: id, bytes: sealedSize(bytes) }));
    return { messages: messages ?? 0, blobs, historyBytes: statSync(file).size };
  } finally {
    closeQuietly(database);
  }
}

/**
 * Brings a restored history up to this version and to what really came with it: only these blobs are here. What was sealed
 * for the relay but not sent is sealed again, because this is another device now.
 *
 * @returns what still waits to be sent.
 * @throws ParleyError `storage_newer`, or `file_unreadable` when it is somebody else's.
 */
export function settleRestored(file: string, self: UserId, blobs: ReadonlySet<BlobId>, now: number): number {
  let database: Database | null = null;
  try {
    const opened = openDatabase({ file, migrations: historyMigrations });
    database = opened;
    assertHistoryOf(opened, self);
    return opened.transaction(() => {
      keepOnly(opened, blobs);
      opened.prepare('UPDATE outbox SET epoch = NULL, payload = NULL').run();
      markRestored(createStateTable(opened), now);
      return opened.prepare<[], number>("SELECT count(*) FROM outbox WHERE kind <> 'account'").pluck().get() ?? 0;
    })();
  } catch (error) {
    throw storageFaultOf(error) === 'damaged' ? damagedBackup() : storageErrorFrom(error);
  } finally {
    closeQuietly(database);
  }
}

function assertHistoryOf(database: Database, self: UserId): void {
  const known = database.prepare<[string], unknown>('SELECT key FROM people WHERE id = ?').get(self);
  if (known === undefined) throw damagedBackup();
}

function keepOnly(database: Database, blobs: ReadonlySet<BlobId>): void {
  const lose = database.prepare<[string]>("UPDATE blobs SET have = x'', whole = 0 WHERE id = ?");
  const marked = database.prepare<[], BlobId>("SELECT id FROM blobs WHERE whole = 1 OR have <> x''").pluck().all();
  for (const blob of marked) if (!blobs.has(blob)) lose.run(blob);
}
