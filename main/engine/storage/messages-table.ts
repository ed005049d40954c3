/** The accepted messages of all conversations, with the index of their texts kept in the same transaction. */
import { createHash } from 'node:crypto';
import type { ConversationId, Envelope, MessageId, UserId } from '../../../protocol/index.ts';
import type { ChangedMessages } from './changed-messages.ts';
import type { ConversationsTable } from './conversations-table.ts';
import type { Database } from './database.ts';
import { isChange, isShown, textOf, type Decoded } from './decoded.ts';
import type { MediaTable } from './media-table.ts';
import type { LostMessages, PlacedRow } from './lost-messages.ts';
import { createMessageRowids } from './message-rowids.ts';
import type { PeopleTable } from './people-table.ts';
import type { TextIndex } from './text-index.ts';

/**
 * `repeated`: the very same message was there. `replaced`: another one was, or the same with other bytes. `returned`: the
 * relay had lost it and has it again.
 */
export type InsertOutcome = 'stored' | 'repeated' | 'replaced' | 'returned';

export interface MessagesTable {
  /**
   * Stores a message; one that changes another does so at once, whenever that one comes. One that is there already changes
   * nothing. Where another message holds its place (a relay that was put back to an old backup), that one is lost: the
   * relay's log is the truth. Where the same one stood with other bytes or in another place, that goes to
   * `displaced_messages`. One that the person had read before the relay lost it is read again, if all before it are.
   */
  insert(conversation: ConversationId, envelope: Envelope, decoded: Decoded): InsertOutcome;
  idAt(conversation: ConversationId, seq: number): MessageId | null;
  /** Null where nothing is stored at this seq. */
  timeAt(conversation: ConversationId, seq: number): number | null;
  has(conversation: ConversationId, id: MessageId): boolean;
  isDeleted(conversation: ConversationId, id: MessageId): boolean;
  /** Messages that answer one, newest first. */
  answersTo(conversation: ConversationId, id: MessageId, limit: number): MessageId[];
  /** Looks through the messages behind a rowid, a bounded number of them, for those that could not be read. */
  unreadable(after: number): UnreadableMessages;
  /** A message that could not be read can be now: it is shown otherwise, or not any more. */
  reread(rowid: number, decoded: NonNullable<Decoded>): void;
}

export interface UnreadableMessages {
  readonly messages: readonly UnreadableMessage[];
  /** Where to go on; null at the end. */
  readonly last: number | null;
}

export interface UnreadableMessage {
  readonly rowid: number;
  readonly conversation: ConversationId;
  readonly envelope: Envelope;
}

/** Conversation and sender by their keys. */
interface Place {
  readonly conversation: number;
  readonly seq: number;
  readonly id: MessageId;
  readonly sender: number;
}

/** What tells two messages of one id apart. */
interface HeldRow {
  device: string;
  payload: Uint8Array;
  payload_hash: Uint8Array | null;
}

interface UnreadableRow extends Envelope {
  rowid: number;
  conversation: ConversationId;
}

/** Messages that are looked through at once, so that a page's command waits only some milliseconds. */
const scannedAtOnce = 5_000;

/** The tables that a message is written to beside its own. */
interface WrittenTables {
  readonly conversations: ConversationsTable;
  readonly people: PeopleTable;
  readonly media: MediaTable;
  readonly changed: ChangedMessages;
  readonly index: TextIndex;
  readonly lost: LostMessages;
}

export function createMessagesTable(
  database: Database,
  self: UserId,
  { conversations, people, media, changed, index, lost }: WrittenTables,
): MessagesTable {
  const rowids = createMessageRowids(database);
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
  const selectAt = database.prepare<[number, number], PlacedRow>(
    'SELECT rowid, seq, id, text FROM messages WHERE conversation = ? AND seq = ?',
  );
  const selectTime = database
    .prepare<[number, number], number>('SELECT time FROM messages WHERE conversation = ? AND seq = ?')
    .pluck();
  /** The relay lost it and took it again, in the same place, before this device heard of that. */
  const updateTime = database.prepare<[number, number, number]>(
    'UPDATE messages SET time = ? WHERE rowid = ? AND time <> ?',
  );
  const selectById = database.prepare<[string, number], PlacedRow>(
    'SELECT rowid, seq, id, text FROM messages WHERE id = ? AND conversation = ?',
  );
  const selectHeld = database.prepare<[number], HeldRow>(
    'SELECT device, payload, payload_hash FROM messages WHERE rowid = ?',
  );
  const selectDeleted = database
    .prepare<[string, number], number>(
      'SELECT 1 FROM messages WHERE id = ? AND conversation = ? AND deleted_seq IS NOT NULL',
    )
    .pluck();
  const selectAnswers = database
    .prepare<[string, number, number], MessageId>(
      'SELECT id FROM messages WHERE reply_to = ? AND conversation = ? ORDER BY rowid DESC LIMIT ?',
    )
    .pluck();
  const selectLastScanned = database
    .prepare<[number, number], number | null>(
      'SELECT max(rowid) FROM (SELECT rowid FROM messages WHERE rowid > ? ORDER BY rowid LIMIT ?)',
    )
    .pluck();
  const selectUnreadable = database.prepare<[number, number], UnreadableRow>(`
    SELECT m.rowid, c.id AS conversation, m.seq, m.id, p.id AS user, m.device, m.kind, m.time, m.payload
    FROM messages m JOIN conversations c ON c.key = m.conversation JOIN people p ON p.key = m.sender
    WHERE m.rowid > ? AND m.rowid <= ? AND m.content_kind = 'unsupported' AND m.deleted_seq IS NULL AND m.seq > 0`);
  const updateContent = database.prepare<[string | null, string | null, string | null, number]>(
    'UPDATE messages SET content_kind = ?, text = ?, reply_to = ? WHERE rowid = ?',
  );
  const selectPlace = database.prepare<[number], Place>(
    'SELECT conversation, seq, id, sender FROM messages WHERE rowid = ?',
  );

  function write(key: number, envelope: Envelope, decoded: Decoded): boolean {
    const { text, replyTo } = textOf(decoded);
    const { seq, id, user, device, kind, time, payload } = envelope;
    const rowid = rowids.free(time);
    const sender = people.keyOf(user);
    const { changes } = insertMessage.run(
      rowid,
      key,
      seq,
      id,
      sender,
      device,
      user === self ? 1 : 0,
      kind,
      time,
      isShown(decoded) ? decoded.kind : null,
      text,
      replyTo,
      payload,
    );
    if (changes === 0) return false;
    addParts(rowid, { conversation: key, seq, id, sender }, decoded);
    return true;
  }

  /** What stands in other tables of a message, and what it does to others or others do to it. */
  function addParts(rowid: number, place: Place, decoded: Decoded): void {
    const { conversation } = place;
    index.replace(rowid, null, textOf(decoded).text);
    if (decoded?.kind === 'media') media.add(rowid, conversation, decoded.items);
    settleChanges(place, decoded);
  }

  function settleChanges({ conversation, seq, id, sender }: Place, decoded: Decoded): void {
    if (isShown(decoded)) changed.arrived(conversation, id);
    else if (isChange(decoded)) changed.take(conversation, seq, sender, decoded);
  }

  function isSame(rowid: number, { device, payload }: Envelope): boolean {
    const held = selectHeld.get(rowid);
    if (held?.device !== device) return false;
    const bytes = held.payload_hash === null ? payload : createHash('sha256').update(payload).digest();
    return Buffer.compare(held.payload_hash ?? held.payload, bytes) === 0;
  }

  /** Makes room for a message whose place or id is taken. */
  function clear(conversation: ConversationId, key: number, { seq, id }: Envelope): 'replaced' | 'returned' {
    const inPlace = selectAt.get(key, seq);
    if (inPlace?.id === id) lost.displace(conversation, inPlace);
    else if (inPlace) lost.lose(conversation, inPlace);
    const elsewhere = selectById.get(id, key);
    if (!elsewhere) return 'replaced';
    if (elsewhere.seq > 0) {
      lost.displace(conversation, elsewhere);
      return 'replaced';
    }
    if (lost.takeBack(elsewhere).wasRead) conversations.readOn(conversation, seq);
    return inPlace ? 'replaced' : 'returned';
  }

  return {
    insert(conversation, envelope, decoded) {
      const key = conversations.keyOf(conversation);
      if (write(key, envelope, decoded)) return 'stored';
      const inPlace = selectAt.get(key, envelope.seq);
      if (inPlace?.id === envelope.id && isSame(inPlace.rowid, envelope)) {
        const { seq, id, user, time } = envelope;
        updateTime.run(time, inPlace.rowid, time);
        // A damaged history that was saved in part may have the one without the other.
        settleChanges({ conversation: key, seq, id, sender: people.keyOf(user) }, decoded);
        return 'repeated';
      }
      const outcome = clear(conversation, key, envelope);
      write(key, envelope, decoded);
      return outcome;
    },
    idAt: (conversation, seq) => selectAt.get(conversations.keyOf(conversation), seq)?.id ?? null,
    timeAt: (conversation, seq) => selectTime.get(conversations.keyOf(conversation), seq) ?? null,
    has: (conversation, id) => selectById.get(id, conversations.keyOf(conversation)) !== undefined,
    isDeleted: (conversation, id) => selectDeleted.get(id, conversations.keyOf(conversation)) !== undefined,
    answersTo: (conversation, id, limit) => selectAnswers.all(id, conversations.keyOf(conversation), limit),
    unreadable(after) {
      const last = selectLastScanned.get(after, scannedAtOnce) ?? null;
      return { messages: last === null ? [] : selectUnreadable.all(after, last).map(unreadableMessage), last };
    },
    reread(rowid, decoded) {
      const place = selectPlace.get(rowid);
      if (!place) return;
      const { text, replyTo } = textOf(decoded);
      updateContent.run(isShown(decoded) ? decoded.kind : null, text, replyTo, rowid);
      addParts(rowid, place, decoded);
    },
  };
}

function unreadableMessage({ rowid, conversation, ...envelope }: UnreadableRow): UnreadableMessage {
  return { rowid, conversation, envelope };
}
