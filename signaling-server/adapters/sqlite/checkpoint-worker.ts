/** A thread that moves the write-ahead log's pages into the database, so that the event loop need not. */
import Database from 'better-sqlite3';
import { parentPort, workerData } from 'node:worker_threads';

/** Pages in the log, and those of them that are in the database file; or what went wrong. */
export type CheckpointReport =
  | { readonly state: 'done'; readonly pages: number; readonly moved: number }
  | { readonly state: 'failed'; readonly reason: string };

interface CheckpointRow {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

function checkpoint(db: Database.Database): CheckpointReport {
  try {
    const [row] = db.pragma('wal_checkpoint(PASSIVE)') as CheckpointRow[];
    return { state: 'done', pages: row?.log ?? 0, moved: row?.checkpointed ?? 0 };
  } catch (error) {
    return { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Each message asks for one checkpoint; `close` lets the file go. */
function serve(port: NonNullable<typeof parentPort>, file: string): void {
  const db = new Database(file, { fileMustExist: true });
  db.pragma('synchronous = FULL');
  port.on('message', (message: 'checkpoint' | 'close') => {
    if (message === 'checkpoint') return port.postMessage(checkpoint(db));
    db.close();
    port.close();
  });
}

if (parentPort) serve(parentPort, (workerData as { file: string }).file);
