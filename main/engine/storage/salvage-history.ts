/** Carries what can still be read of a damaged history into an empty one of the same version. */
import Sqlite from 'better-sqlite3';
import { closeQuietly, openDatabase, type Database } from './database.ts';
import { historyMigrations } from './migrations.ts';

/** Parents first. Outbox and drafts are saved by `salvage`, from files of every version; the chain is folded anew. */
const tables = [
  'people',
  'conversations',
  'cursors',
  'messages',
  'message_changes',
  'reactions',
  'displaced_messages',
  'blobs',
  'media',
  'released_blobs',
  'transfers',
  'deliveries',
  'account_values',
  'known_devices',
] as const;

type Row = Record<string, unknown>;

/**
 * @param damaged opened for reading only. @param file to be made; a complete database when it returns.
 * @returns how many messages were saved; 0 where the file is of another version or nothing of it can be read.
 * @throws ParleyError as `openDatabase`, or what writing the new file throws.
 */
export function salvageHistory(damaged: string, file: string): number {
  const target = openDatabase({ file, migrations: historyMigrations });
  const source = openSource(damaged);
  try {
    if (!source) return 0;
    target.pragma('foreign_keys = OFF');
    target.transaction(() => carryAll(source, target)).immediate();
    target.pragma('foreign_keys = ON');
    return Number(target.prepare('SELECT count(*) FROM messages').pluck().get());
  } finally {
    closeQuietly(source);
    closeQuietly(target);
  }
}

function openSource(damaged: string): Database | null {
  try {
    const source = new Sqlite(damaged, { timeout: 500, fileMustExist: true });
    if (source.pragma('user_version', { simple: true }) === historyMigrations.length) return source;
    source.close();
    return null;
  } catch {
    return null;
  }
}

function carryAll(source: Database, target: Database): void {
  for (const table of tables) carry(source, target, table);
  dropOrphans(target);
  // The relay sends everything again: what is here already is met a second time, what is missing comes.
  target.exec(`
    UPDATE conversations SET stored = 0, ahead_from = NULL, ahead_to = NULL;
    INSERT INTO message_index (message_index) VALUES ('rebuild');`);
}

/** From both ends, so that damage in the middle costs only the middle. */
function carry(source: Database, target: Database, table: (typeof tables)[number]): void {
  const columns = columnsOf(target, table);
  const names = columns.map(({ name }) => name);
  const insert = target.prepare(
    `INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`,
  );
  const order = orderOf(columns);
  for (const direction of ['ASC', 'DESC'] as const) {
    if (
      copyRows(source, `SELECT * FROM ${table} ORDER BY ${order.map((by) => `${by} ${direction}`).join(', ')}`, insert)
    )
      return;
  }
}

interface Column {
  readonly name: string;
  /** Place in the primary key, from 1; 0 for the others. */
  readonly pk: number;
}

function columnsOf(target: Database, table: string): Column[] {
  return target.pragma(`table_info(${table})`) as Column[];
}

/** The columns of the primary key in its order. */
function orderOf(columns: readonly Column[]): string[] {
  const keys = columns.filter(({ pk }) => pk > 0).sort((one, other) => one.pk - other.pk);
  return keys.length > 0 ? keys.map(({ name }) => name) : ['rowid'];
}

/** @returns whether all rows could be read. Failures of writing go to the caller. */
function copyRows(source: Database, sql: string, insert: Sqlite.Statement): boolean {
  for (const row of readable(source, sql)) {
    if (row === null) return false;
    insert.run(row);
  }
  return true;
}

/** Rows in order; null, as the last, where reading broke off. */
function* readable(source: Database, sql: string): Generator<Row | null> {
  let rows: IterableIterator<Row>;
  try {
    rows = source.prepare<[], Row>(sql).iterate();
  } catch {
    return yield null;
  }
  try {
    for (;;) {
      const next = nextRow(rows);
      if (next === undefined) return;
      yield next;
      if (next === null) return;
    }
  } finally {
    rows.return?.();
  }
}

function nextRow(rows: IterableIterator<Row>): Row | null | undefined {
  try {
    const next = rows.next();
    return next.done ? undefined : next.value;
  } catch {
    return null;
  }
}

/** Rows whose parent was not saved would be met by nobody. */
function dropOrphans(target: Database): void {
  for (;;) {
    const broken = target.pragma('foreign_key_check') as { table: string; rowid: number | null }[];
    if (broken.length === 0) return;
    for (const { table, rowid } of broken) {
      if (rowid !== null) target.prepare(`DELETE FROM ${table} WHERE rowid = ?`).run(rowid);
    }
    const withoutRowid = new Set(broken.filter(({ rowid }) => rowid === null).map(({ table }) => table));
    for (const table of withoutRowid) dropByParent(target, table);
  }
}

/** For tables without a rowid, which `foreign_key_check` cannot point into. */
function dropByParent(target: Database, table: string): void {
  const links = target.pragma(`foreign_key_list(${table})`) as { table: string; from: string; to: string | null }[];
  for (const link of links) {
    const to = link.to ?? primaryKeyOf(target, link.table);
    target.exec(`DELETE FROM ${table} WHERE ${link.from} NOT IN (SELECT ${to} FROM ${link.table})`);
  }
}

function primaryKeyOf(target: Database, table: string): string {
  const [key = 'rowid'] = orderOf(columnsOf(target, table));
  return key;
}
