/** The one writer of the database: what is asked for in one turn of the event loop becomes one durable commit. */
import type { Database } from 'better-sqlite3';
import { toStorageError } from './storage-errors.ts';

/** A write that shares its commit with others: it must not throw but for faults of the storage, which fail them all. */
export interface SharedWrite<T> {
  /** Runs inside the transaction. */
  work(): T;
  /** Makes what is held in memory what it was, after the commit failed. */
  undo?(): void;
}

export interface Writer {
  /**
   * Runs `work` in a transaction of its own.
   * @returns once it is on disk; rejects with what it threw, and then nothing was changed.
   */
  run<T>(work: () => T): Promise<T>;
  /** Adds to the commit at the end of this turn, in the order asked. */
  join<T>(write: SharedWrite<T>): Promise<T>;
  /** Resolves once nothing waits to be written. */
  settled(): Promise<void>;
}

interface Job {
  readonly write: SharedWrite<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
}

export interface CommitGuard {
  /** Holds writes back while the write-ahead log is being emptied; null while they may go on. */
  gate(): Promise<void> | null;
  committed(): void;
}

export function createWriter(db: Database, guard: CommitGuard): Writer {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  let jobs: Job[] = [];

  function inTransaction<T>(work: () => T): T {
    try {
      begin.run();
      const value = work();
      commit.run();
      guard.committed();
      return value;
    } catch (cause) {
      if (db.inTransaction) db.exec('ROLLBACK');
      throw toStorageError(cause);
    }
  }

  function commitJobs(): void {
    const wait = guard.gate();
    if (wait) return void wait.then(commitJobs);
    const group = jobs;
    jobs = [];
    try {
      const values = inTransaction(() => group.map((job) => job.write.work()));
      for (const [index, job] of group.entries()) job.resolve(values[index] as never);
    } catch (error) {
      for (const job of group) job.write.undo?.();
      for (const job of group) job.reject(error);
    }
  }

  return {
    async run(work) {
      for (let wait = guard.gate(); wait; wait = guard.gate()) await wait;
      return inTransaction(work);
    },
    join(write) {
      return new Promise((resolve, reject) => {
        jobs.push({ write, resolve, reject });
        if (jobs.length === 1) queueMicrotask(commitJobs);
      });
    },
    async settled() {
      while (jobs.length > 0) await (guard.gate() ?? Promise.resolve());
    },
  };
}
