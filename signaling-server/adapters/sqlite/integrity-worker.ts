/** A thread that has SQLite look through all pages of the database once, and ends. */
import Database from 'better-sqlite3';
import { parentPort, workerData } from 'node:worker_threads';

/** What is damaged, in SQLite's words; or why it could not be looked at. */
export type IntegrityReport =
  { readonly state: 'checked'; readonly faults: string[] } | { readonly state: 'failed'; readonly reason: string };

const faultsTold = 5;

function check(file: string): IntegrityReport {
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true });
    try {
      const found = db.prepare<[], string>(`PRAGMA quick_check(${faultsTold})`).pluck().all();
      return { state: 'checked', faults: found.filter((line) => line !== 'ok') };
    } finally {
      db.close();
    }
  } catch (error) {
    if (error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code))
      return { state: 'checked', faults: [error.message] };
    return { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage(check((workerData as { file: string }).file));
