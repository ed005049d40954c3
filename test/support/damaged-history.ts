/** Histories that a disk has spoilt: pages of a real SQLite file overwritten while nobody has it open. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** The folder of the only account in an engine's folder. */
export function accountFolder(dataDir: string): string {
  const [account = ''] = readdirSync(join(dataDir, 'accounts'));
  return join(dataDir, 'accounts', account);
}

export function historyFile(dataDir: string): string {
  return join(accountFolder(dataDir), 'parley.db');
}

/** Overwrites the root page of a table or index. */
export function damageRoot(file: string, name: string): void {
  overwrite(file, (database) =>
    Number(database.prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(name)),
  );
}

/** Overwrites the first page in which this text stands. */
export function damagePageWith(file: string, text: string): void {
  overwrite(file, (_database, pageSize) => {
    const at = readFileSync(file).indexOf(text);
    if (at < 0) throw new Error('The text is not in the file.');
    return Math.floor(at / pageSize) + 1;
  });
}

function overwrite(file: string, choose: (database: Sqlite.Database, pageSize: number) => number): void {
  const database = new Sqlite(file);
  database.pragma('wal_checkpoint(TRUNCATE)');
  const pageSize = Number(database.pragma('page_size', { simple: true }));
  const page = choose(database, pageSize);
  database.close();
  const bytes = readFileSync(file);
  bytes.fill(0xa5, (page - 1) * pageSize, page * pageSize);
  writeFileSync(file, bytes);
}
