/** The conversations of the account, how far this device holds each, and what their list shows. */
import type { Conversation, ConversationId, Cursor, UserId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';
import type { PeopleTable } from './people-table.ts';

/** A run of seqs, both included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** How far this device and the relay are in one conversation. */
export interface Position {
  readonly id: ConversationId;
  /** All messages up to this seq are stored here. */
  readonly stored: number;
  /** What else is stored, while messages before it are missing; null when nothing is. */
  readonly ahead: Stretch | null;
  /** The newest seq that this device knows the relay to hold. */
  readonly head: number;
  readonly epoch: number;
}

export interface ConversationsTable {
  /**
   * Takes over what the relay says; `stored` stays, cursors are merged by maximum and end where the log ends. What the relay
   * takes for activity counts only while messages are yet to come: changes to messages are none.
   */
  save(conversation: Conversation): void;
  has(conversation: ConversationId): boolean;
  keyOf(conversation: ConversationId): number;
  position(conversation: ConversationId): Position | null;
  positions(): Position[];
  setPosition(conversation: ConversationId, position: Pick<Position, 'stored' | 'head' | 'ahead'>): void;
  setEpoch(conversation: ConversationId, epoch: number): void;
  /** The relay went back in time: what it says now counts, though it said more before. */
  rewind(conversation: ConversationId, to: Pick<Conversation, 'head' | 'epoch'>): void;
  /** Moves `active_at` up to a time; never back. */
  touch(conversation: ConversationId, time: number): void;
  /** Works out `active_at` anew, after a waiting message went away. */
  settleActivity(conversation: ConversationId): void;
  /** Counts the messages of others behind the person's read cursor anew. */
  recountUnread(conversation: ConversationId): void;
  addUnread(conversation: ConversationId, count: number): void;
  /** Merges cursors by maximum; one's own may lower the unread count. @returns those that moved, as they were before. */
  mergeCursors(conversation: ConversationId, cursors: readonly Cursor[]): Cursor[];
  cursorOf(conversation: ConversationId, user: UserId): Cursor;
  /** The message at this seq was read before. The person's cursor goes on to it, unless something unread is in between. */
  readOn(conversation: ConversationId, seq: number): void;
  members(conversation: ConversationId): UserId[];
  /** The direct conversation that has no other member; null while this device has not heard of it. */
  withOneself(): ConversationId | null;
  isWithOneself(conversation: ConversationId): boolean;
  /** The direct conversation with somebody, or with oneself; null while this device has not heard of it. */
  directWith(user: UserId): ConversationId | null;
  /** Conversations in which somebody is a member. */
  withMember(user: UserId): ConversationId[];
}

interface PositionRow extends Omit<Position, 'ahead'> {
  readonly key: number;
  readonly ahead_from: number | null;
  readonly ahead_to: number | null;
}

export function createConversationsTable(database: Database, self: UserId, people: PeopleTable): ConversationsTable {
  const columns = 'key, id, stored, head, epoch, ahead_from, ahead_to';
  const select = database.prepare<[string], PositionRow>(`SELECT ${columns} FROM conversations WHERE id = ?`);
  const selectAll = database.prepare<[], PositionRow>(
    `SELECT ${columns} FROM conversations ORDER BY active_at DESC, id`,
  );
  const upsert = database.prepare<[string, string, number, number, number, number]>(`
    INSERT INTO conversations (id, kind, epoch, head, created_at, active_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, epoch = max(epoch, excluded.epoch), head = max(head, excluded.head),
      active_at = CASE WHEN excluded.head > stored THEN max(active_at, excluded.active_at) ELSE active_at END`);
  const updatePosition = database.prepare<[number, number, number | null, number | null, string]>(
    'UPDATE conversations SET stored = ?, head = ?, ahead_from = ?, ahead_to = ? WHERE id = ?',
  );
  const updateEpoch = database.prepare<[number, string]>('UPDATE conversations SET epoch = max(epoch, ?) WHERE id = ?');
  const updateRewound = database.prepare<[number, number, number, string]>(
    'UPDATE conversations SET head = ?, stored = min(stored, ?), epoch = ? WHERE id = ?',
  );
  const selectUnreadBetween = database
    .prepare<[number, number, number], number>(
      `SELECT 1 FROM messages INDEXED BY messages_of_others
       WHERE conversation = ? AND own = 0 AND content_kind IS NOT NULL AND seq > ? AND seq < ? LIMIT 1`,
    )
    .pluck();
  const updateActive = database.prepare<[number, string]>(
    'UPDATE conversations SET active_at = max(active_at, ?) WHERE id = ?',
  );
  const activity = `
    UPDATE conversations AS c SET active_at = max(c.created_at,
      coalesce((SELECT m.time FROM messages m WHERE m.conversation = c.key
        AND m.content_kind IS NOT NULL ORDER BY m.seq DESC LIMIT 1), 0),
      coalesce((SELECT max(o.typed_at) FROM outbox o WHERE o.conversation = c.id AND o.kind = 'message'), 0))
    WHERE c.id = ?`;
  const recomputeActive = database.prepare<[string]>(activity);
  /**
   * The relay's activity counts what nobody is shown, too: it serves as long as messages are missing here. Where all are
   * here the newest that is shown says when something happened, the same on all devices.
   */
  const recomputeWhole = database.prepare<[string]>(`${activity} AND c.stored >= c.head AND EXISTS (
    SELECT 1 FROM messages m WHERE m.conversation = c.key AND m.content_kind IS NOT NULL)`);
  const recount = database.prepare<[string, string]>(`
    UPDATE conversations AS c SET unread = (SELECT count(*) FROM messages m INDEXED BY messages_of_others
      WHERE m.conversation = c.key
      AND m.own = 0 AND m.content_kind IS NOT NULL AND m.seq > coalesce((SELECT u.read FROM cursors u
        WHERE u.conversation = c.key AND u.person = (SELECT key FROM people WHERE id = ?)), 0))
    WHERE c.id = ?`);
  const raiseUnread = database.prepare<[number, string]>('UPDATE conversations SET unread = unread + ? WHERE id = ?');
  const selectCursor = database.prepare<[string, string], { delivered: number; read: number }>(`
    SELECT delivered, read FROM cursors
    WHERE conversation = (SELECT key FROM conversations WHERE id = ?) AND person = (SELECT key FROM people WHERE id = ?)`);
  const upsertCursor = database.prepare<[number, number, number, number]>(`
    INSERT INTO cursors (conversation, person, delivered, read) VALUES (?, ?, ?, ?)
    ON CONFLICT (conversation, person) DO UPDATE SET
      delivered = max(delivered, excluded.delivered), read = max(read, excluded.read)`);
  const capCursors = database.prepare<[number, number, number, number]>(
    'UPDATE cursors SET delivered = min(delivered, ?), read = min(read, ?) WHERE conversation = ? AND delivered > ?',
  );
  const selectNewest = database
    .prepare<[number], number | null>('SELECT max(seq) FROM messages WHERE conversation = ?')
    .pluck();
  const selectMembers = database.prepare<[string], { id: UserId }>(`
    SELECT p.id FROM cursors u JOIN people p ON p.key = u.person
    WHERE u.conversation = (SELECT key FROM conversations WHERE id = ?) ORDER BY p.key`);
  const selectWithMember = database.prepare<[string], { id: ConversationId }>(`
    SELECT c.id FROM cursors u JOIN conversations c ON c.key = u.conversation
    WHERE u.person = (SELECT key FROM people WHERE id = ?)`);
  const selectDirect = database
    .prepare<[string], ConversationId>(
      `SELECT c.id FROM cursors u JOIN conversations c ON c.key = u.conversation
       WHERE u.person = (SELECT key FROM people WHERE id = ?) AND c.kind = 'direct' LIMIT 1`,
    )
    .pluck();
  const selectAlone = `
    SELECT c.id FROM cursors mine JOIN conversations c ON c.key = mine.conversation
    WHERE mine.person = (SELECT key FROM people WHERE id = $self) AND c.kind = 'direct'
      AND NOT EXISTS (SELECT 1 FROM cursors u WHERE u.conversation = c.key AND u.person <> mine.person)`;
  const selectWithOneself = database.prepare<{ self: string }, ConversationId>(`${selectAlone} LIMIT 1`).pluck();
  const selectIsAlone = database
    .prepare<{ self: string; id: string }, ConversationId>(`${selectAlone} AND c.id = $id`)
    .pluck();
  const keys = new Map<ConversationId, number>();

  function keyOf(id: ConversationId): number {
    const known = keys.get(id) ?? select.get(id)?.key;
    if (known === undefined) throw new Error('There is no such conversation in the store.');
    if (!database.inTransaction) keys.set(id, known);
    return known;
  }

  function cursorOf(id: ConversationId, user: UserId): Cursor {
    const row = selectCursor.get(id, user);
    return { user, delivered: row?.delivered ?? 0, read: row?.read ?? 0 };
  }

  function mergeCursors(id: ConversationId, cursors: readonly Cursor[]): Cursor[] {
    const moved: Cursor[] = [];
    for (const { user, delivered, read } of cursors) {
      const before = selectCursor.get(id, user);
      if (before && before.delivered >= delivered && before.read >= read) continue;
      upsertCursor.run(keyOf(id), people.keyOf(user), Math.max(delivered, read), read);
      moved.push({ user, delivered: before?.delivered ?? 0, read: before?.read ?? 0 });
    }
    if (moved.some((cursor) => cursor.user === self)) recount.run(self, id);
    return moved;
  }

  /** Nobody has what was never written: a cursor beyond the log would hide all that comes as read. */
  function capAt(id: ConversationId, head: number): void {
    const key = keyOf(id);
    const newest = Math.max(head, selectNewest.get(key) ?? 0);
    if (capCursors.run(newest, newest, key, newest).changes > 0) recount.run(self, id);
  }

  return {
    save(conversation) {
      const { id, kind, epoch, head, createdAt, activeAt } = conversation;
      upsert.run(id, kind, epoch, head, createdAt, activeAt);
      mergeCursors(id, conversation.cursors);
      capAt(id, head);
      recomputeWhole.run(id);
    },
    has: (id) => keys.has(id) || select.get(id) !== undefined,
    keyOf,
    position(id) {
      const row = select.get(id);
      return row ? positionOf(row) : null;
    },
    positions: () => selectAll.all().map(positionOf),
    setPosition: (id, { stored, head, ahead }) =>
      void updatePosition.run(stored, head, ahead?.from ?? null, ahead?.to ?? null, id),
    setEpoch: (id, epoch) => void updateEpoch.run(epoch, id),
    rewind: (id, { head, epoch }) => void updateRewound.run(head, head, epoch, id),
    touch: (id, time) => void updateActive.run(time, id),
    settleActivity: (id) => void recomputeActive.run(id),
    recountUnread: (id) => void recount.run(self, id),
    addUnread: (id, count) => void raiseUnread.run(count, id),
    mergeCursors,
    cursorOf,
    readOn(id, seq) {
      const { read } = cursorOf(id, self);
      if (seq <= read || selectUnreadBetween.get(keyOf(id), read, seq) !== undefined) return;
      mergeCursors(id, [{ user: self, delivered: seq, read: seq }]);
    },
    members: (id) => selectMembers.all(id).map((row) => row.id),
    withOneself: () => selectWithOneself.get({ self }) ?? null,
    directWith: (user) => (user === self ? selectWithOneself.get({ self }) : selectDirect.get(user)) ?? null,
    isWithOneself: (id) => selectIsAlone.get({ self, id }) !== undefined,
    withMember: (user) => selectWithMember.all(user).map((row) => row.id),
  };
}

function positionOf({ id, stored, head, epoch, ahead_from: from, ahead_to: to }: PositionRow): Position {
  return { id, stored, head, epoch, ahead: from === null || to === null ? null : { from, to } };
}
