/** Keeps the write-ahead log bounded: decides when the worker moves its pages, and when writers have to wait for it. */
import type { Database } from 'better-sqlite3';
import type { Log } from '../../ports/log.ts';
import type { CheckpointReport } from './checkpoint-worker.ts';
import { startWorker } from './start-worker.ts';
import type { CommitGuard } from './writer.ts';

/** Pages of 8 KiB. The file was made to hold 2,000. */
const startAt = 600;
/** Few enough pages left that the writer may wait for them: one short write and one fsync. */
const shortRest = 300;
/** Passes beside a busy writer; then the writer waits, however much is left. */
const maxBulks = 2;
/** The worker fell behind: writers wait until it has caught up. */
const stopAt = 4_000;
/** Commits between two looks at the log's length. */
const lookEvery = 8;

export interface Checkpointer extends CommitGuard {
  /** Pages in the log now. */
  pages(): number;
  close(): Promise<void>;
}

/**
 * A checkpoint is two passes. The first runs beside the writer and moves the bulk. It can never finish the log while
 * the writer goes on, and only a finished log is started over; so for the second, short one the writer waits.
 */
export function createCheckpointer(db: Database, log: Log): Checkpointer {
  const worker = startWorker('checkpoint-worker', db.name);
  const look = db.prepare<[], { log: number }>('PRAGMA wal_checkpoint(NOOP)');
  let commits = 0;
  let running: 'no' | 'bulk' | 'rest' = 'no';
  let bulks = 0;
  let held: Promise<void> | null = null;
  let release = (): void => {};

  function hold(): void {
    held ??= new Promise((resolve) => {
      release = resolve;
    });
  }

  function finish(): void {
    running = 'no';
    bulks = 0;
    held = null;
    release();
  }

  worker.on('message', (report: CheckpointReport) => {
    if (report.state === 'failed') {
      log.warn('storage.checkpoint_failed', { reason: report.reason });
      return finish();
    }
    if (running === 'rest' || report.pages === report.moved) return finish();
    if (++bulks >= maxBulks || pages() - report.moved <= shortRest) {
      running = 'rest';
      hold();
    }
    worker.postMessage('checkpoint');
  });
  worker.on('error', (error) => log.error('storage.checkpoint_stopped', { error }));
  worker.on('exit', finish);

  function pages(): number {
    return look.get()?.log ?? 0;
  }

  return {
    pages,
    gate: () => held,
    committed() {
      if (++commits % lookEvery !== 0) return;
      const length = pages();
      if (length >= startAt && running === 'no') {
        running = 'bulk';
        worker.postMessage('checkpoint');
      }
      if (length >= stopAt && running !== 'no') hold();
    },
    async close() {
      worker.postMessage('close');
      await new Promise((resolve) => worker.once('exit', resolve));
    },
  };
}
