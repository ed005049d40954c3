/** The history of a closed engine as a file, for tests that change it behind its back. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** The database of the only account in a data folder. The engine must be closed. */
export function withHistory<T>(dataDir: string, work: (database: Sqlite.Database) => T): T {
  const accounts = join(dataDir, 'accounts');
  const [account = ''] = readdirSync(accounts);
  const database = new Sqlite(join(accounts, account, 'parley.db'), { fileMustExist: true });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
