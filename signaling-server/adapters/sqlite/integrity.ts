/** Has the database looked through beside the event loop, and remembers in it what came out. */
import type { Database } from 'better-sqlite3';
import type { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { IntegrityReport } from './integrity-worker.ts';
import { startWorker } from './start-worker.ts';
import type { Writer } from './writer.ts';

const outcomeSchema = z.object({ at: z.number(), faults: z.array(z.string()) });

/** When the database was last looked through, and what was damaged. */
export type IntegrityOutcome = z.infer<typeof outcomeSchema>;

export interface Integrity {
  /** Null when it never was looked through. */
  last(): IntegrityOutcome | null;
  /** Takes about a second a gigabyte. A check that is under way is waited for. @returns null when it could not be done. */
  check(): Promise<IntegrityOutcome | null>;
  /** Ends a check that is under way. */
  close(): Promise<void>;
}

interface Deps {
  readonly db: Database;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
}

export function createIntegrity({ db, writer, clock, log }: Deps): Integrity {
  const write = db.prepare<[Buffer]>(
    "INSERT INTO meta VALUES ('integrity', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
  );
  let last = loadIntegrity(db);
  let worker: Worker | null = null;
  let running: Promise<IntegrityOutcome | null> | null = null;

  async function check(): Promise<IntegrityOutcome | null> {
    worker = startWorker('integrity-worker', db.name);
    const report = await reportOf(worker);
    worker = null;
    if (report === null) return null;
    if (report.state === 'failed') {
      log.warn('storage.not_checked', { reason: report.reason });
      return null;
    }
    last = { at: clock(), faults: report.faults };
    if (last.faults.length === 0) log.info('storage.checked');
    else log.error('storage.damaged', { faults: last.faults });
    const value = Buffer.from(JSON.stringify(last));
    await writer
      .run(() => void write.run(value))
      .catch((error: unknown) => log.warn('storage.check_not_kept', { error }));
    return last;
  }

  return {
    last: () => last,
    check: () =>
      (running ??= check().finally(() => {
        running = null;
      })),
    async close() {
      await worker?.terminate();
      await running;
    },
  };
}

/** What the relay found at its last check; null when there was none, or it cannot be read. */
export function loadIntegrity(db: Database): IntegrityOutcome | null {
  const value = db.prepare<[], Buffer>("SELECT value FROM meta WHERE key = 'integrity'").pluck().get();
  if (value === undefined) return null;
  try {
    return outcomeSchema.parse(JSON.parse(value.toString()));
  } catch {
    return null;
  }
}

/** Null when the thread was ended before it was through. */
function reportOf(worker: Worker): Promise<IntegrityReport | null> {
  return new Promise((resolve) => {
    worker.once('message', (report: IntegrityReport) => resolve(report));
    worker.once('error', (error: Error) => resolve({ state: 'failed', reason: error.message }));
    worker.once('exit', () => resolve(null));
  });
}
