/** A thread that reads a whole database and tells whether SQLite finds it sound: seconds of work for a large one. */
import Sqlite from 'better-sqlite3';
import { parentPort, workerData } from 'node:worker_threads';

/** What SQLite found, in its words; null when the database is sound. */
export type Finding = string | null;

function check(file: string): Finding {
  const database = new Sqlite(file, { fileMustExist: true });
  try {
    const found = database.pragma('integrity_check(1)', { simple: true });
    if (found !== 'ok') return String(found);
    database.exec("INSERT INTO message_index (message_index) VALUES ('integrity-check')");
    return null;
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code)) return error.message;
    throw error;
  } finally {
    database.close();
  }
}

parentPort?.postMessage(check((workerData as { file: string }).file));
