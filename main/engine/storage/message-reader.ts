/** Reads messages as the screens show them: accepted ones by seq, waiting ones behind them in the order typed. */
import type { ContentView, MessageState, MessageView, PersonView } from '../../../bridge/views.ts';
import {
  errorTable,
  isErrorCode,
  type ConversationId,
  type MessageId,
  type Profile,
  type UserId,
} from '../../../protocol/index.ts';
import type { ConversationsTable } from './conversations-table.ts';
import type { Database } from './database.ts';

/** Waiting messages sort behind every seq. */
export const outboxOrderBase = 2 ** 50;

export interface MessageReader {
  /** At most `limit` messages right before an order, oldest first. */
  older(conversation: ConversationId, than: number, limit: number): MessageView[];
  /** At most `limit` messages right after an order, oldest first. */
  newer(conversation: ConversationId, than: number, limit: number): MessageView[];
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
}

interface ReplyColumns {
  reply_to: MessageId | null;
  reply_text: string | null;
  reply_sender: UserId | null;
  reply_username: string | null;
  reply_display_name: string | null;
}

interface MessageRow extends ReplyColumns {
  conversation: ConversationId;
  seq: number;
  id: MessageId;
  own: number;
  time: number;
  content_kind: 'text' | 'unsupported';
  text: string | null;
  sender: UserId;
  username: string;
  display_name: string;
}

interface WaitingRow extends ReplyColumns {
  key: number;
  conversation: ConversationId;
  id: MessageId;
  typed_at: number;
  text: string | null;
  state: 'queued' | 'failed';
  failure_code: string | null;
  failure_message: string | null;
}

const replyColumns = `
  substr(r.text, 1, 200) AS reply_text, rp.id AS reply_sender, rp.username AS reply_username, rp.display_name AS reply_display_name`;
const messageSelect = `
  SELECT c.id AS conversation, m.seq, m.id, m.own, m.time, m.content_kind, m.text, m.reply_to,
    p.id AS sender, p.username, p.display_name, ${replyColumns}
  FROM messages m JOIN conversations c ON c.key = m.conversation JOIN people p ON p.key = m.sender
    LEFT JOIN messages r ON r.id = m.reply_to AND r.conversation = m.conversation
    LEFT JOIN people rp ON rp.key = r.sender
  WHERE m.content_kind IS NOT NULL`;
const waitingSelect = `
  SELECT o.key, o.conversation, o.id, o.typed_at, o.text, o.state, o.failure_code, o.failure_message, o.reply_to, ${replyColumns}
  FROM outbox o
    LEFT JOIN conversations c ON c.id = o.conversation
    LEFT JOIN messages r ON r.id = o.reply_to AND r.conversation = c.key
    LEFT JOIN people rp ON rp.key = r.sender
  WHERE`;

export function createMessageReader(
  database: Database,
  self: () => Profile,
  conversations: ConversationsTable,
): MessageReader {
  const selectOlder = database.prepare<[number, number, number], MessageRow>(
    `${messageSelect} AND m.conversation = ? AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`,
  );
  const selectNewer = database.prepare<[number, number, number], MessageRow>(
    `${messageSelect} AND m.conversation = ? AND m.seq > ? ORDER BY m.seq LIMIT ?`,
  );
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
    SELECT seq, id FROM messages WHERE conversation = ? AND seq > ? AND own = 0 AND content_kind IS NOT NULL ORDER BY seq LIMIT 1`);
  const selectNewest = database
    .prepare<[number], number | null>('SELECT max(seq) FROM messages WHERE conversation = ?')
    .pluck();

  function ticks(conversation: ConversationId): Ticks {
    const row = selectTicks.get(conversation, self().id);
    return { delivered: row?.delivered ?? 0, read: row?.read ?? 0 };
  }

  function views(conversation: ConversationId, rows: readonly MessageRow[]): MessageView[] {
    const known = rows.some((row) => row.own === 1) ? ticks(conversation) : { delivered: 0, read: 0 };
    return rows.map((row) => messageView(row, known));
  }

  const waitingViews = (rows: readonly WaitingRow[]) => rows.map((row) => waitingView(row, self()));

  return {
    older(conversation, than, limit) {
      const waiting = than > outboxOrderBase ? waitingOlder.all(conversation, than - outboxOrderBase, limit) : [];
      const rest = limit - waiting.length;
      const rows = rest > 0 ? selectOlder.all(conversations.keyOf(conversation), than, rest) : [];
      return [...views(conversation, rows.reverse()), ...waitingViews(waiting.reverse())];
    },
    newer(conversation, than, limit) {
      const rows = than < outboxOrderBase ? selectNewer.all(conversations.keyOf(conversation), than, limit) : [];
      const rest = limit - rows.length;
      const waiting = rest > 0 ? waitingNewer.all(conversation, Math.max(0, than - outboxOrderBase), rest) : [];
      return [...views(conversation, rows), ...waitingViews(waiting)];
    },
    byId(conversation, id) {
      const row = selectById.get(conversations.keyOf(conversation), id);
      if (row) return messageView(row, ticks(conversation));
      const waiting = waitingById.get(conversation, id);
      return waiting ? waitingView(waiting, self()) : null;
    },
    byRowid(rowid) {
      const row = selectByRowid.get(rowid);
      return row ? messageView(row, ticks(row.conversation)) : null;
    },
    firstUnread(conversation) {
      const { read } = conversations.cursorOf(conversation, self().id);
      return selectFirstUnread.get(conversations.keyOf(conversation), read) ?? null;
    },
    ownBetween: (conversation, after, upTo, limit) =>
      views(conversation, selectOwn.all(conversations.keyOf(conversation), after, upTo, limit)),
    ticks,
    newestSeq: (conversation) => selectNewest.get(conversations.keyOf(conversation)) ?? 0,
  };
}

export interface Ticks {
  readonly delivered: number;
  readonly read: number;
}

/** How far an own message got, by the members who are behind the most. */
export function tickOf(seq: number, { delivered, read }: Ticks): MessageState {
  if (seq <= read) return 'read';
  return seq <= delivered ? 'delivered' : 'sent';
}

function messageView(row: MessageRow, ticks: Ticks): MessageView {
  const own = row.own === 1;
  return {
    id: row.id,
    conversation: row.conversation,
    order: row.seq,
    seq: row.seq,
    sender: { id: row.sender, username: row.username, displayName: row.display_name },
    own,
    time: row.time,
    content: row.content_kind === 'text' ? textView(row.text ?? '', row) : { kind: 'unsupported' },
    state: own ? tickOf(row.seq, ticks) : 'received',
    failure: null,
  };
}

function waitingView(row: WaitingRow, sender: PersonView): MessageView {
  const { failure_code: code, failure_message: message } = row;
  const failed = row.state === 'failed' && code !== null;
  return {
    id: row.id,
    conversation: row.conversation,
    order: outboxOrderBase + row.key,
    seq: null,
    sender: { id: sender.id, username: sender.username, displayName: sender.displayName },
    own: true,
    time: row.typed_at,
    content: textView(row.text ?? '', row),
    state: row.state,
    failure: failed ? { code, message: message ?? '', retryable: mayWorkAgain(code) } : null,
  };
}

/** What a person can change before sending again: the conversation's or the relay's state, but not the message. */
function mayWorkAgain(code: string): boolean {
  return !isErrorCode(code) || errorTable[code].retry || code === 'forbidden' || code === 'not_found';
}

function textView(text: string, row: ReplyColumns): ContentView {
  if (row.reply_to === null) return { kind: 'text', text, replyTo: null };
  const sender =
    row.reply_sender === null
      ? null
      : { id: row.reply_sender, username: row.reply_username ?? '', displayName: row.reply_display_name ?? '' };
  return { kind: 'text', text, replyTo: { id: row.reply_to, sender, excerpt: row.reply_text } };
}
