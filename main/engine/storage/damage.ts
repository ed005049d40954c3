/** What to do with a damaged history: set it aside under a dated name, and save what only this computer had. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { ConversationId, Envelope, MessageId } from '../../../protocol/index.ts';
import { closeQuietly, type Database } from './database.ts';
import type { NewOutboxItem, OutboxKind } from './outbox-table.ts';
import type { Store } from './store.ts';

export interface Salvage {
  readonly outbox: readonly SalvagedItem[];
  /** `isShared`: the account's other devices know it, and may have a newer one. */
  readonly drafts: readonly { conversation: ConversationId; text: string; isShared: boolean }[];
  /** Values of the account that were changed here and not told yet. */
  readonly accountChanges: readonly { name: string; value: string | null }[];
  /** False when the outbox could not be read: something typed may be lost. */
  readonly complete: boolean;
}

interface SalvagedItem extends NewOutboxItem {
  readonly sealed: { readonly epoch: number; readonly payload: Envelope['payload'] } | null;
}

interface OutboxRow {
  conversation: ConversationId;
  id: MessageId;
  content: Uint8Array;
  text: string | null;
  reply_to: MessageId | null;
  typed_at: number;
  epoch: number | null;
  payload: Envelope['payload'] | null;
  /** Missing in a file of before the first version with files. */
  sources?: Uint8Array | null;
  /** Missing in one of before messages could be changed. */
  kind?: OutboxKind;
  target?: MessageId | null;
}

interface DraftRow {
  conversation: ConversationId;
  text: string;
  /** Missing in a file of before drafts were shared. */
  unshared?: number;
}

/** The database and what SQLite keeps beside it. */
const fileSuffixes = ['', '-wal', '-shm', '-journal'] as const;

/** Moves the file, with its write-ahead log, out of the way. @returns the new place. */
export function setAside(file: string, now: number): string {
  const stamp = new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const aside = unusedName(join(dirname(file), `parley-damaged-${stamp}`));
  for (const suffix of fileSuffixes) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}

/** Undoes `setAside` when no new file could be made (the disk is full): what waits in the old one is found again later. */
export function putBack(file: string, aside: string): void {
  removeDatabase(file);
  for (const suffix of fileSuffixes) {
    if (existsSync(aside + suffix)) renameSync(aside + suffix, file + suffix);
  }
}

/** With all that SQLite keeps beside it. */
export function removeDatabase(file: string): void {
  for (const suffix of fileSuffixes) rmSync(file + suffix, { force: true, maxRetries: 3 });
}

/** Reads outbox and drafts out of a damaged file as far as they can be read. */
export function salvage(file: string): Salvage {
  let database: Database | null = null;
  try {
    database = new Sqlite(file, { timeout: 500, fileMustExist: true });
    const outbox = readRows<OutboxRow>(database, 'SELECT * FROM outbox ORDER BY key');
    const drafts = readRows<DraftRow>(database, 'SELECT * FROM drafts');
    const changes = readRows<Salvage['accountChanges'][number]>(database, 'SELECT name, value FROM account_changes');
    return {
      outbox: outbox.rows.map(toItem),
      drafts: drafts.rows.map(({ unshared, ...draft }) => ({ ...draft, isShared: unshared === 0 })),
      accountChanges: changes.rows,
      complete: outbox.complete,
    };
  } catch {
    return { outbox: [], drafts: [], accountChanges: [], complete: false };
  } finally {
    closeQuietly(database);
  }
}

export function restore(store: Store, { outbox, drafts, accountChanges }: Salvage): void {
  store.transact(() => {
    for (const { sealed, ...item } of outbox) {
      if (store.outbox.get(item.id)) continue;
      store.outbox.add(item);
      if (sealed) store.outbox.pin(item.id, sealed.epoch, sealed.payload);
    }
    // Where a copy took the damaged file's place, what it says of these is older than that file.
    store.accountValues.forgetChanges();
    store.drafts.setAllShared();
    for (const { conversation, text, isShared } of drafts) {
      if (isShared) store.drafts.follow(conversation, text);
      else store.drafts.set(conversation, text);
    }
    for (const { name, value } of accountChanges) store.accountValues.change(name, value);
  });
}

/** Row by row, so that what lies before the damage is kept. */
function readRows<Row>(database: Database, sql: string): { rows: Row[]; complete: boolean } {
  const rows: Row[] = [];
  try {
    for (const row of database.prepare<[], Row>(sql).iterate()) rows.push(row);
    return { rows, complete: true };
  } catch {
    return { rows, complete: false };
  }
}

function toItem(row: OutboxRow): SalvagedItem {
  const { conversation, id, content, text, epoch, payload, sources = null } = row;
  const { kind = 'message', target = null } = row;
  const sealed = epoch !== null && payload !== null ? { epoch, payload } : null;
  return {
    kind,
    target,
    conversation,
    id,
    content,
    text,
    replyTo: row.reply_to,
    typedAt: row.typed_at,
    sealed,
    sources,
  };
}

function unusedName(base: string): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? `${base}.db` : `${base}-${count}.db`;
    if (!existsSync(name)) return name;
  }
}
