/** Reads what a device holds from copies of its files, just as a power cut at this moment would leave them. */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { ConversationId, DeviceId, MessageId } from '../../../protocol/index.ts';

export interface HeldMessage {
  readonly conversation: string;
  readonly seq: number;
  readonly id: MessageId;
  readonly user: string;
  readonly device: DeviceId;
  readonly kind: string;
  readonly time: number;
  readonly text: string | null;
  /** Empty when the message was deleted; then its hash is kept. */
  readonly payload: Uint8Array;
  readonly payloadHash: Uint8Array | null;
  /** Whether it is one that screens show. */
  readonly shown: number;
}

export interface HeldConversation {
  readonly id: ConversationId;
  readonly stored: number;
  readonly head: number;
  readonly unread: number;
}

export interface HeldWaiting {
  readonly id: MessageId;
  readonly conversation: string;
  readonly kind: string;
  readonly state: string;
  readonly failure: string | null;
}

export interface Held {
  readonly conversations: readonly HeldConversation[];
  readonly messages: ReadonlyMap<string, readonly HeldMessage[]>;
  readonly outbox: readonly HeldWaiting[];
  /** Links of chains that it worked out itself, by conversation. */
  readonly checkpoints: ReadonlyMap<string, readonly { readonly seq: number; readonly link: Uint8Array }[]>;
  readonly drafts: ReadonlyMap<string, string>;
  /** By conversation and user: `conversation user`. */
  readonly cursors: ReadonlyMap<string, { readonly delivered: number; readonly read: number }>;
  /** Messages of which another copy took the place; only where the relay went back in time. */
  readonly displaced: number;
  /** What the relay had and lost, of this person and of others. Changes of messages are left out. */
  readonly lost: readonly { readonly id: MessageId; readonly own: number }[];
  /** What SQLite and its full-text index say of the file; empty when it is sound. */
  readonly damage: readonly string[];
}

/**
 * @param deep also looks for damage in every page and index, which takes a while.
 * @returns null when the device keeps no history.
 */
export async function readHeld(dataDir: string, scratch: string, deep: boolean): Promise<Held | null> {
  const accounts = await readdir(join(dataDir, 'accounts')).catch(() => []);
  const [account] = accounts;
  if (account === undefined) return null;
  if (accounts.length > 1) throw new Error(`The device holds ${accounts.length} histories for one person.`);
  const copy = await mkdtemp(join(scratch, 'held-'));
  try {
    for (const suffix of ['', '-wal']) {
      const name = `parley.db${suffix}`;
      await copyFile(join(dataDir, 'accounts', account, name), join(copy, name)).catch(allowMissing);
    }
    return read(join(copy, 'parley.db'), deep);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

function allowMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** A file whose first step never came about, for want of room, holds nothing. */
function read(file: string, deep: boolean): Held | null {
  const database = new Sqlite(file);
  try {
    if (database.pragma('user_version', { simple: true }) === 0) return null;
    const messages = byConversation(database.prepare<[], HeldMessage>(messageRows).all());
    return {
      conversations: database.prepare<[], HeldConversation>(conversationRows).all(),
      messages,
      outbox: database.prepare<[], HeldWaiting>(outboxRows).all(),
      checkpoints: byConversation(database.prepare<[], CheckpointRow>(checkpointRows).all()),
      drafts: new Map(
        database
          .prepare<[], { conversation: string; text: string }>('SELECT conversation, text FROM drafts')
          .all()
          .map(toEntry),
      ),
      cursors: new Map(
        database
          .prepare<[], CursorRow>(cursorRows)
          .all()
          .map((row) => [row.key, row]),
      ),
      lost: database
        .prepare<[], { id: MessageId; own: number }>(
          'SELECT id, own FROM messages WHERE lost_place IS NOT NULL AND content_kind IS NOT NULL',
        )
        .all(),
      displaced: Number(database.prepare('SELECT count(*) FROM displaced_messages').pluck().get()),
      damage: deep ? damageOf(database) : [],
    };
  } finally {
    database.close();
  }
}

function byConversation<T extends { readonly conversation: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.conversation);
    if (group) group.push(row);
    else groups.set(row.conversation, [row]);
  }
  return groups;
}

interface CheckpointRow {
  readonly conversation: string;
  readonly seq: number;
  readonly link: Uint8Array;
}

interface CursorRow {
  readonly key: string;
  readonly delivered: number;
  readonly read: number;
}

const toEntry = ({ conversation, text }: { conversation: string; text: string }): [string, string] => [
  conversation,
  text,
];

const messageRows = `
  SELECT c.id AS conversation, m.seq, m.id, p.id AS user, m.device, m.kind, m.time, m.text, m.payload,
    m.payload_hash AS payloadHash, m.content_kind IS NOT NULL AS shown
  FROM messages m JOIN conversations c ON c.key = m.conversation JOIN people p ON p.key = m.sender
  WHERE m.seq > 0 ORDER BY c.id, m.seq`;
const conversationRows = 'SELECT id, stored, head, unread FROM conversations';
const outboxRows = 'SELECT id, conversation, kind, state, failure_code AS failure FROM outbox ORDER BY key';
const checkpointRows = `
  SELECT c.id AS conversation, k.seq, k.link FROM chain_checkpoints k JOIN conversations c ON c.key = k.conversation
  WHERE k.told = 0`;
const cursorRows = `
  SELECT c.id || ' ' || p.id AS key, u.delivered, u.read
  FROM cursors u JOIN conversations c ON c.key = u.conversation JOIN people p ON p.key = u.person`;

function damageOf(database: Sqlite.Database): string[] {
  const rows = database.pragma('integrity_check') as { integrity_check: string }[];
  const found = rows.map((row) => row.integrity_check).filter((word) => word !== 'ok');
  const indexed = Number(database.prepare('SELECT count(*) FROM message_index_docsize').pluck().get());
  const texts = Number(database.prepare('SELECT count(*) FROM messages WHERE text IS NOT NULL').pluck().get());
  if (indexed !== texts) found.push(`full-text index: ${indexed} entries for ${texts} texts`);
  try {
    database.exec("INSERT INTO message_index (message_index) VALUES ('integrity-check')");
  } catch (error) {
    found.push(`full-text index: ${String(error)}`);
  }
  return found;
}
