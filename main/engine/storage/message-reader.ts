/** Reads messages as the screens show them: accepted ones by seq, waiting ones behind them in the order typed. */
import type { MessageView } from '../../../bridge/views.ts';
import type { ConversationId, MessageId, Profile } from '../../../protocol/index.ts';
import type { ConversationsTable } from './conversations-table.ts';
import type { Database } from './database.ts';
import type { MediaTable } from './media-table.ts';
import { messageSelect, waitingSelect, type MessageRow, type WaitingRow } from './message-rows.ts';
import { isBehindLog, messageView, outboxOrderBase, waitingView, type Ticks, type TransferOf } from './message-view.ts';
import type { OutboxTable } from './outbox-table.ts';
import { withPending } from './pending-changes.ts';
import type { ReactionsTable } from './reactions-table.ts';

export interface MessageReader {
  /** At most `limit` messages right before an order, oldest first; none from behind where others are missing. */
  older(conversation: ConversationId, than: number, limit: number): MessageView[];
  /** At most `limit` messages right after an order, oldest first; none from behind where others are missing. */
  newer(conversation: ConversationId, than: number, limit: number): MessageView[];
  /** Where messages are missing: right before the order, right after it, or neither. */
  missingAt(conversation: ConversationId, order: number): 'before' | 'after' | null;
  byId(conversation: ConversationId, id: MessageId): MessageView | null;
  byRowid(rowid: number): MessageView | null;
  /** The seq of the oldest message of others that the person has not read; null when all are read. */
  firstUnread(conversation: ConversationId): { seq: number; id: MessageId } | null;
  /** Own messages with `after` < seq <= `upTo`, newest first, at most `limit`. */
  ownBetween(conversation: ConversationId, after: number, upTo: number, limit: number): MessageView[];
  /** How far all other members got. */
  ticks(conversation: ConversationId): Ticks;
  /** The newest seq that is stored, 0 when there is none. */
  newestSeq(conversation: ConversationId): number;
  /** From now on views tell how files travel. */
  showTransfers(transferOf: TransferOf): void;
}

/** The tables that know more of a message than its row. */
export interface MessageTables {
  readonly conversations: ConversationsTable;
  readonly media: MediaTable;
  readonly reactions: ReactionsTable;
  readonly outbox: OutboxTable;
}

/** Where nobody else is to get a message, it has arrived and is read at once. */
const readByAll: Ticks = { delivered: Number.MAX_SAFE_INTEGER, read: Number.MAX_SAFE_INTEGER };

export function createMessageReader(
  database: Database,
  self: () => Profile,
  { conversations, media, reactions, outbox }: MessageTables,
): MessageReader {
  let transferOf: TransferOf = () => null;
  const between = {
    log: `${messageSelect} AND m.conversation = ? AND m.seq > ? AND m.seq < ? ORDER BY m.seq`,
    lost: `${messageSelect} AND m.conversation = ? AND m.lost_place > ? AND m.lost_place < ? ORDER BY m.lost_place`,
  };
  const prepare = (sql: string) => database.prepare<[number, number, number, number], MessageRow>(sql);
  const selectOlder = prepare(`${between.log} DESC LIMIT ?`);
  const lostOlder = prepare(`${between.lost} DESC LIMIT ?`);
  const selectNewer = prepare(`${between.log} LIMIT ?`);
  const lostNewer = prepare(`${between.lost} LIMIT ?`);
  const selectOwn = database.prepare<[number, number, number, number], MessageRow>(
    `${messageSelect} AND m.own = 1 AND m.conversation = ? AND m.seq > ? AND m.seq <= ? ORDER BY m.seq DESC LIMIT ?`,
  );
  const selectById = database.prepare<[number, string], MessageRow>(
    `${messageSelect} AND m.conversation = ? AND m.id = ?`,
  );
  const selectByRowid = database.prepare<[number], MessageRow>(`${messageSelect} AND m.rowid = ?`);
  const waitingOlder = database.prepare<[string, number, number], WaitingRow>(
    `${waitingSelect} o.conversation = ? AND o.key < ? ORDER BY o.key DESC LIMIT ?`,
  );
  const waitingNewer = database.prepare<[string, number, number], WaitingRow>(
    `${waitingSelect} o.conversation = ? AND o.key > ? ORDER BY o.key LIMIT ?`,
  );
  const waitingById = database.prepare<[string, string], WaitingRow>(
    `${waitingSelect} o.conversation = ? AND o.id = ?`,
  );
  const selectTicks = database.prepare<[string, string], { delivered: number | null; read: number | null }>(`
    SELECT min(u.delivered) AS delivered, min(u.read) AS read FROM cursors u
    WHERE u.conversation = (SELECT key FROM conversations WHERE id = ?) AND u.person <> (SELECT key FROM people WHERE id = ?)`);
  const selectFirstUnread = database.prepare<[number, number], { seq: number; id: MessageId }>(`
    SELECT seq, id FROM messages INDEXED BY messages_of_others
    WHERE conversation = ? AND seq > ? AND own = 0 AND content_kind IS NOT NULL ORDER BY seq LIMIT 1`);
  const selectNewest = database
    .prepare<[number], number | null>('SELECT max(seq) FROM messages WHERE conversation = ?')
    .pluck();

  function ticks(conversation: ConversationId): Ticks {
    const row = selectTicks.get(conversation, self().id);
    if (typeof row?.delivered !== 'number' && conversations.isWithOneself(conversation)) return readByAll;
    return { delivered: row?.delivered ?? 0, read: row?.read ?? 0 };
  }

  /** The orders around one that lie outside of what is here without a hole. */
  function boundsOf(conversation: ConversationId, order: number): { after: number; before: number } {
    const position = conversations.position(conversation);
    if (!position?.ahead) return { after: 0, before: outboxOrderBase };
    const { stored, ahead } = position;
    if (order > ahead.from - 1) return { after: ahead.from - 1, before: outboxOrderBase };
    // Between the two may lie what was ahead before, or an own message.
    return order > stored ? { after: stored, before: ahead.from } : { after: 0, before: stored + 1 };
  }

  /** The nearest before an order, with those that the relay lost among them. */
  function rowsOlder(conversation: ConversationId, than: number, limit: number): MessageRow[] {
    const key = conversations.keyOf(conversation);
    const { after } = boundsOf(conversation, than);
    const rows = selectOlder.all(key, after, than, limit);
    const lost = lostOlder.all(key, after, than, limit);
    return lost.length === 0
      ? rows
      : [...rows, ...lost].sort((one, other) => orderOf(other) - orderOf(one)).slice(0, limit);
  }

  function rowsNewer(conversation: ConversationId, than: number, limit: number): MessageRow[] {
    const key = conversations.keyOf(conversation);
    const { before } = boundsOf(conversation, than);
    const rows = selectNewer.all(key, Math.max(0, than), before, limit);
    const lost = lostNewer.all(key, than, before, limit);
    return lost.length === 0
      ? rows
      : [...rows, ...lost].sort((one, other) => orderOf(one) - orderOf(other)).slice(0, limit);
  }

  function views(conversation: ConversationId, rows: readonly MessageRow[]): MessageView[] {
    const known = rows.some((row) => row.own === 1) ? ticks(conversation) : { delivered: 0, read: 0 };
    return completed(conversation, rows, known);
  }

  function completed(conversation: ConversationId, rows: readonly MessageRow[], known: Ticks): MessageView[] {
    const files = media.of(rows.filter((row) => row.content_kind === 'media').map((row) => row.rowid));
    const shown = reactions.of(conversation, idsOf(rows));
    const accepted = rows.map((row) => {
      const parts = { items: files.get(row.rowid) ?? [], reactions: shown.get(row.id) ?? [] };
      return messageView(row, known, parts, self().id, transferOf);
    });
    return changed(conversation, accepted);
  }

  /** As the person's own changes make them that still wait. */
  function changed(conversation: ConversationId, views: readonly MessageView[]): MessageView[] {
    const pending = outbox.changesTo(conversation, idsOf(views));
    const { id, username, displayName } = self();
    return views.map((view) => withPending(view, pending.get(view.id) ?? [], { id, username, displayName }));
  }

  function single(row: MessageRow | undefined): MessageView | null {
    return row ? (views(row.conversation, [row])[0] ?? null) : null;
  }

  function waitingViews(conversation: ConversationId, rows: readonly WaitingRow[]): MessageView[] {
    const waiting = rows.map((row) => waitingView(row, self(), transferOf));
    return changed(conversation, waiting);
  }

  return {
    older(conversation, than, limit) {
      const waiting = isBehindLog(than) ? waitingOlder.all(conversation, than - outboxOrderBase, limit) : [];
      const rest = limit - waiting.length;
      const rows = rest > 0 ? rowsOlder(conversation, than, rest) : [];
      return [...views(conversation, rows.reverse()), ...waitingViews(conversation, waiting.reverse())];
    },
    newer(conversation, than, limit) {
      const rows = isBehindLog(than) ? [] : rowsNewer(conversation, than, limit);
      const isCutShort = boundsOf(conversation, than).before < outboxOrderBase;
      const rest = isCutShort ? 0 : limit - rows.length;
      const behind = isBehindLog(than) ? than - outboxOrderBase : -outboxOrderBase;
      const waiting = rest > 0 ? waitingNewer.all(conversation, behind, rest) : [];
      return [...views(conversation, rows), ...waitingViews(conversation, waiting)];
    },
    missingAt(conversation, order) {
      const { after, before } = boundsOf(conversation, order);
      if (after > 0) return rowsOlder(conversation, order, 1).length === 0 ? 'before' : null;
      if (before < outboxOrderBase) return rowsNewer(conversation, order, 1).length === 0 ? 'after' : null;
      return null;
    },
    byId(conversation, id) {
      const accepted = single(selectById.get(conversations.keyOf(conversation), id));
      if (accepted) return accepted;
      const waiting = waitingById.get(conversation, id);
      return waiting ? (waitingViews(conversation, [waiting])[0] ?? null) : null;
    },
    byRowid: (rowid) => single(selectByRowid.get(rowid)),
    firstUnread(conversation) {
      const { read } = conversations.cursorOf(conversation, self().id);
      return selectFirstUnread.get(conversations.keyOf(conversation), read) ?? null;
    },
    ownBetween: (conversation, after, upTo, limit) =>
      views(conversation, selectOwn.all(conversations.keyOf(conversation), after, upTo, limit)),
    ticks,
    newestSeq: (conversation) => Math.max(0, selectNewest.get(conversations.keyOf(conversation)) ?? 0),
    showTransfers: (lookup) => void (transferOf = lookup),
  };
}

const orderOf = ({ seq, lost_place: place }: MessageRow): number => place ?? seq;

function idsOf(messages: readonly { readonly id: MessageId }[]): MessageId[] {
  return messages.map(({ id }) => id);
}
