/** Messages that the relay lost when it was put back to an earlier state: kept, and shown where they stood. */
import type { ConversationId, MessageId, UserId } from '../../../protocol/index.ts';
import type { ChangedMessages } from './changed-messages.ts';
import type { ConversationsTable } from './conversations-table.ts';
import type { Database } from './database.ts';
import type { TextIndex } from './text-index.ts';

/** A message in its place in the log. */
export interface PlacedRow {
  readonly rowid: number;
  readonly seq: number;
  readonly id: MessageId;
  readonly text: string | null;
}

/** An own message that the relay lost. */
export interface LostOwn {
  readonly rowid: number;
  readonly conversation: ConversationId;
  readonly id: MessageId;
  readonly time: number;
  readonly payload: Uint8Array;
}

export interface LostMessages {
  /** The relay's log ends at this seq now: all behind it lose their places, and stay in their order. */
  rewind(conversation: ConversationId, head: number): void;
  /**
   * The log has another message in the place of this one. What was erased is not kept: nothing is left of it to show or to
   * send. What a change did is undone.
   */
  lose(conversation: ConversationId, row: PlacedRow): void;
  /** Takes a message out for good; what stood there goes to `displaced_messages`. */
  displace(conversation: ConversationId, row: PlacedRow): void;
  /** Takes one out that the relay has again. @returns whether the person had read it. */
  takeBack(row: PlacedRow): { readonly wasRead: boolean };
  /** Own ones that can be sent again, the last of each conversation first. */
  own(limit: number): LostOwn[];
  /** Whether any message of the conversation is lost. */
  hasAny(conversation: ConversationId): boolean;
  /** Whether this row is still that of a lost message. */
  isLost(rowid: number, id: MessageId): boolean;
  /** It waits in the outbox now, or is not to be sent again. */
  settle(rowid: number): void;
  /** What it holds cannot be read, so it cannot be sent again: it stays what is shown. */
  giveUp(rowid: number): void;
}

interface StandingRow extends PlacedRow {
  readonly content_kind: string | null;
  readonly own: number;
  readonly erased: number;
  readonly lost_place: number | null;
}

/**
 * Places of lost messages behind a seq differ by this: exact in a double for seqs up to 2^29, and room for 16 million of
 * them before the next seq.
 */
export const lostSpacing = 2 ** -24;

/** Own ones that could not be read are not looked at again. */
const givenUp = 2;

export function createLostMessages(
  database: Database,
  self: UserId,
  parts: { readonly conversations: ConversationsTable; readonly changed: ChangedMessages; readonly index: TextIndex },
): LostMessages {
  const { conversations, changed, index } = parts;
  const columns = `rowid, seq, id, text, content_kind, own, payload_hash IS NOT NULL AS erased, lost_place`;
  const selectOne = database.prepare<[number], StandingRow>(`SELECT ${columns} FROM messages WHERE rowid = ?`);
  const selectBehind = database.prepare<[number, number], StandingRow>(
    `SELECT ${columns} FROM messages WHERE conversation = ? AND seq > ? ORDER BY seq`,
  );
  const selectLostBehind = database.prepare<[number, number], StandingRow>(
    `SELECT ${columns} FROM messages WHERE conversation = ? AND lost_place > ? ORDER BY lost_place`,
  );
  const selectLastPlace = database
    .prepare<[number, number, number], number | null>(
      'SELECT max(lost_place) FROM messages WHERE conversation = ? AND lost_place >= ? AND lost_place < ?',
    )
    .pluck();
  const selectLeast = database
    .prepare<[number], number | null>('SELECT min(seq) FROM messages WHERE conversation = ?')
    .pluck();
  const selectAny = database
    .prepare<[number], number>(
      'SELECT 1 FROM messages WHERE conversation = ? AND lost_place IS NOT NULL AND content_kind IS NOT NULL LIMIT 1',
    )
    .pluck();
  const updateLost = database.prepare<[number, number, number, number]>(
    'UPDATE messages SET seq = ?, lost_place = ?, lost_read = ? WHERE rowid = ?',
  );
  const updatePlace = database.prepare<[number, number]>('UPDATE messages SET lost_place = ? WHERE rowid = ?');
  const updateRead = database.prepare<[number, number]>('UPDATE messages SET lost_read = ? WHERE rowid = ?');
  const selectRead = database.prepare<[number], number>('SELECT lost_read <> 0 FROM messages WHERE rowid = ?').pluck();
  const copyDisplaced = database.prepare<[string, number]>(`
    INSERT INTO displaced_messages (conversation, seq, id, sender, time, payload)
    SELECT ?, m.seq, m.id, p.id, m.time, m.payload FROM messages m JOIN people p ON p.key = m.sender WHERE m.rowid = ?`);
  const erase = database.prepare<[number]>('DELETE FROM messages WHERE rowid = ?');
  const selectOwn = database.prepare<[number], LostOwn>(`
    SELECT m.rowid, c.id AS conversation, m.id, m.time, m.payload
    FROM messages m INDEXED BY lost_own_messages JOIN conversations c ON c.key = m.conversation
    WHERE m.lost_place IS NOT NULL AND m.own = 1 AND m.lost_read <> ${givenUp}
    ORDER BY m.conversation, m.lost_place DESC LIMIT ?`);

  function remove({ rowid, text }: PlacedRow): void {
    index.replace(rowid, text, null);
    erase.run(rowid);
  }

  function displace(conversation: ConversationId, row: PlacedRow): void {
    copyDisplaced.run(conversation, row.rowid);
    remove(row);
    changed.left(conversations.keyOf(conversation), row.seq, row.id);
  }

  /** @param place where it is shown from now on. */
  function setAside(conversation: ConversationId, row: StandingRow, place: number): void {
    const key = conversations.keyOf(conversation);
    const wasRead = row.own === 1 || row.seq <= conversations.cursorOf(conversation, self).read;
    updateLost.run(Math.min(selectLeast.get(key) ?? 0, 0) - 1, place, wasRead ? 1 : 0, row.rowid);
    if (row.content_kind === null) changed.left(key, row.seq, row.id);
  }

  return {
    displace,
    rewind(conversation, head) {
      const key = conversations.keyOf(conversation);
      let place = head;
      const behind = selectBehind.all(key, head);
      if (behind.length === 0) return;
      // What was lost before stands before what is lost now, unless the log had grown past it in between.
      const standing = [...selectLostBehind.all(key, head), ...behind];
      standing.sort((one, other) => (one.lost_place ?? one.seq) - (other.lost_place ?? other.seq));
      for (const row of standing) {
        if (row.lost_place === null && row.erased === 1) displace(conversation, row);
        else if (row.lost_place === null) setAside(conversation, row, (place += lostSpacing));
        else updatePlace.run((place += lostSpacing), row.rowid);
      }
    },
    lose(conversation, { rowid }) {
      const row = selectOne.get(rowid);
      if (!row) return;
      if (row.erased === 1) return displace(conversation, row);
      const before = row.seq - 1;
      const last = selectLastPlace.get(conversations.keyOf(conversation), before, row.seq) ?? before;
      setAside(conversation, row, last + lostSpacing);
    },
    takeBack(row) {
      const wasRead = selectRead.get(row.rowid) === 1;
      remove(row);
      return { wasRead };
    },
    own: (limit) => selectOwn.all(limit),
    hasAny: (conversation) => selectAny.get(conversations.keyOf(conversation)) !== undefined,
    isLost(rowid, id) {
      const row = selectOne.get(rowid);
      return row?.id === id && row.lost_place !== null;
    },
    settle(rowid) {
      const row = selectOne.get(rowid);
      if (row) remove(row);
    },
    giveUp: (rowid) => void updateRead.run(givenUp, rowid),
  };
}
