/** The accepted messages of all conversations, with the index of their texts kept in the same transaction. */
import type { ConversationId, Envelope, MediaItem, MessageId, UserId } from '../../../protocol/index.ts';
import type { ConversationsTable } from './conversations-table.ts';
import type { Database } from './database.ts';
import type { MediaTable } from './media-table.ts';
import type { PeopleTable } from './people-table.ts';

/** What a payload turned out to hold; null for envelopes that are not for people. */
export type Decoded =
  | { readonly kind: 'text'; readonly text: string; readonly replyTo: MessageId | null }
  | {
      readonly kind: 'media';
      /** The caption. */
      readonly text: string | null;
      readonly replyTo: MessageId | null;
      readonly items: readonly MediaItem[];
    }
  | { readonly kind: 'unsupported' }
  | null;

export type InsertOutcome = 'stored' | 'repeated' | 'replaced';

export interface MessagesTable {
  /**
   * Stores a message. One that is there already changes nothing. Where another message holds its place or its id
   * (a relay that was put back to an old backup), that one is moved to `displaced_messages` and loses its files' rows: the relay's log is the truth.
   */
  insert(conversation: ConversationId, envelope: Envelope, decoded: Decoded): InsertOutcome;
  idAt(conversation: ConversationId, seq: number): MessageId | null;
  has(conversation: ConversationId, id: MessageId): boolean;
  /** Looks through the messages behind a rowid, a bounded number of them, for those that could not be read. */
  unreadable(after: number): UnreadableMessages;
  /** A message that could not be read can be now. */
  reread(rowid: number, decoded: NonNullable<Decoded>): void;
}

export interface UnreadableMessages {
  readonly messages: readonly UnreadableMessage[];
  /** Where to go on; null at the end. */
  readonly last: number | null;
}

export interface UnreadableMessage extends Pick<Envelope, 'id' | 'payload'> {
  readonly rowid: number;
  readonly conversation: ConversationId;
}

interface PlacedRow {
  rowid: number;
  seq: number;
  id: MessageId;
  text: string | null;
}

/** Messages that are looked through at once, so that a page's command waits only some milliseconds. */
const scannedAtOnce = 5_000;
const slotsPerMs = 1_024;
/** Far enough for every honest clock, and small enough to stay an exact number. */
const latestTime = 8_000_000_000_000;

/** The first rowid that a message of this relay time can have. */
export function firstRowidAt(time: number): number {
  return Math.min(time, latestTime) * slotsPerMs;
}

export function createMessagesTable(
  database: Database,
  self: UserId,
  conversations: ConversationsTable,
  people: PeopleTable,
  media: MediaTable,
): MessagesTable {
  const insertMessage = database.prepare<
    [
      number,
      number,
      number,
      string,
      number,
      string,
      number,
      string,
      number,
      string | null,
      string | null,
      string | null,
      Uint8Array,
    ]
  >(`
    INSERT INTO messages (rowid, conversation, seq, id, sender, device, own, kind, time, content_kind, text, reply_to, payload)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const insertIndex = database.prepare<[number, string]>('INSERT INTO message_index (rowid, text) VALUES (?, ?)');
  const deleteIndex = database.prepare<[number, string]>(
    "INSERT INTO message_index (message_index, rowid, text) VALUES ('delete', ?, ?)",
  );
  const lastRowidBefore = database
    .prepare<[number, number], number>('SELECT max(rowid) FROM messages WHERE rowid >= ? AND rowid < ?')
    .pluck();
  const selectAt = database.prepare<[number, number], PlacedRow>(
    'SELECT rowid, seq, id, text FROM messages WHERE conversation = ? AND seq = ?',
  );
  const selectById = database.prepare<[string, number], PlacedRow>(
    'SELECT rowid, seq, id, text FROM messages WHERE id = ? AND conversation = ?',
  );
  const copyDisplaced = database.prepare<[string, number]>(`
    INSERT INTO displaced_messages (conversation, seq, id, sender, time, payload)
    SELECT ?, m.seq, m.id, p.id, m.time, m.payload FROM messages m JOIN people p ON p.key = m.sender WHERE m.rowid = ?`);
  const deleteMessage = database.prepare<[number]>('DELETE FROM messages WHERE rowid = ?');

  const selectLastScanned = database
    .prepare<[number, number], number | null>(
      'SELECT max(rowid) FROM (SELECT rowid FROM messages WHERE rowid > ? ORDER BY rowid LIMIT ?)',
    )
    .pluck();
  const selectUnreadable = database.prepare<[number, number], UnreadableMessage>(`
    SELECT m.rowid, c.id AS conversation, m.id, m.payload FROM messages m JOIN conversations c ON c.key = m.conversation
    WHERE m.rowid > ? AND m.rowid <= ? AND m.content_kind = 'unsupported'`);
  const updateContent = database.prepare<[string, string | null, string | null, number]>(
    'UPDATE messages SET content_kind = ?, text = ?, reply_to = ? WHERE rowid = ?',
  );
  const selectKey = database.prepare<[number], number>('SELECT conversation FROM messages WHERE rowid = ?').pluck();

  function freeRowid(time: number): number {
    for (let first = firstRowidAt(time); ; first += slotsPerMs) {
      const last = lastRowidBefore.get(first, first + slotsPerMs);
      if (typeof last !== 'number') return first;
      if (last + 1 < first + slotsPerMs) return last + 1;
    }
  }

  function write(key: number, envelope: Envelope, decoded: Decoded): boolean {
    const { text, replyTo } = textOf(decoded);
    const { seq, id, user, device, kind, time, payload } = envelope;
    const rowid = freeRowid(time);
    const own = user === self ? 1 : 0;
    const { changes } = insertMessage.run(
      rowid,
      key,
      seq,
      id,
      people.keyOf(user),
      device,
      own,
      kind,
      time,
      decoded?.kind ?? null,
      text,
      replyTo,
      payload,
    );
    if (changes === 0) return false;
    addParts(rowid, key, decoded);
    return true;
  }

  /** What stands in other tables of a message. */
  function addParts(rowid: number, key: number, decoded: Decoded): void {
    const { text } = textOf(decoded);
    if (text !== null) insertIndex.run(rowid, text);
    if (decoded?.kind === 'media') media.add(rowid, key, decoded.items);
  }

  function displace(conversation: ConversationId, row: PlacedRow | undefined): void {
    if (!row) return;
    copyDisplaced.run(conversation, row.rowid);
    if (row.text !== null) deleteIndex.run(row.rowid, row.text);
    deleteMessage.run(row.rowid);
  }

  return {
    insert(conversation, envelope, decoded) {
      const key = conversations.keyOf(conversation);
      if (write(key, envelope, decoded)) return 'stored';
      const inPlace = selectAt.get(key, envelope.seq);
      if (inPlace?.id === envelope.id) return 'repeated';
      displace(conversation, inPlace);
      displace(conversation, selectById.get(envelope.id, key));
      write(key, envelope, decoded);
      return 'replaced';
    },
    idAt: (conversation, seq) => selectAt.get(conversations.keyOf(conversation), seq)?.id ?? null,
    has: (conversation, id) => selectById.get(id, conversations.keyOf(conversation)) !== undefined,
    unreadable(after) {
      const last = selectLastScanned.get(after, scannedAtOnce) ?? null;
      return { messages: last === null ? [] : selectUnreadable.all(after, last), last };
    },
    reread(rowid, decoded) {
      const key = selectKey.get(rowid);
      if (key === undefined) return;
      const { text, replyTo } = textOf(decoded);
      updateContent.run(decoded.kind, text, replyTo, rowid);
      addParts(rowid, key, decoded);
    },
  };
}

function textOf(decoded: Decoded): { text: string | null; replyTo: MessageId | null } {
  return decoded && decoded.kind !== 'unsupported' ? decoded : { text: null, replyTo: null };
}
