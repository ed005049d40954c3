/** Reads conversations as their list shows them: title, preview, unread count, draft, all worked out by SQL. */
import type { MediaSummary } from '../../../bridge/media-views.ts';
import type { ConversationView, MessageState, PersonView } from '../../../bridge/views.ts';
import type { ConversationId, MediaKind, Profile, UserId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';
import { decodeWaiting } from '../media/draft.ts';
import { summaryOf } from '../media/summary.ts';
import { tickOf } from './message-view.ts';
import type { OutboxItem } from './outbox-table.ts';

export interface ConversationReader {
  get(conversation: ConversationId): ConversationView | null;
  /** Newest first, after the given row. */
  page(after: { activeAt: number; id: ConversationId } | null, limit: number): ConversationView[];
  /** Unread messages of one conversation. */
  unread(conversation: ConversationId): number;
  /** Unread messages over all conversations. */
  totalUnread(): number;
}

interface ConversationRow {
  key: number;
  id: ConversationId;
  kind: 'direct' | 'group';
  head: number;
  active_at: number;
  read_seq: number;
  draft: string | null;
  unread: number;
  failed: number;
  others_delivered: number | null;
  others_read: number | null;
  last_seq: number | null;
  last_text: string | null;
  last_kind: 'text' | 'media' | 'unsupported' | null;
  last_own: number | null;
  last_files: number;
  last_first_kind: MediaKind | null;
  last_last_kind: MediaKind | null;
  last_name: string | null;
  last_duration: number | null;
  waiting_content: Uint8Array | null;
  waiting_state: OutboxItem['state'] | null;
}

interface PersonRow {
  id: UserId;
  username: string;
  display_name: string;
}

const previewCharacters = 200;

const conversationSelect = `
  SELECT c.key, c.id, c.kind, c.head, c.active_at, c.unread, coalesce(mine.read, 0) AS read_seq, d.text AS draft,
    (SELECT count(*) FROM outbox f WHERE f.conversation = c.id AND f.state = 'failed') AS failed,
    (SELECT min(u.delivered) FROM cursors u WHERE u.conversation = c.key AND u.person <> me.key) AS others_delivered,
    (SELECT min(u.read) FROM cursors u WHERE u.conversation = c.key AND u.person <> me.key) AS others_read,
    m.seq AS last_seq, substr(m.text, 1, ${previewCharacters}) AS last_text, m.content_kind AS last_kind, m.own AS last_own,
    (SELECT count(*) FROM media f WHERE f.message = m.rowid) AS last_files,
    (SELECT min(f.kind) FROM media f WHERE f.message = m.rowid) AS last_first_kind,
    (SELECT max(f.kind) FROM media f WHERE f.message = m.rowid) AS last_last_kind,
    mf.name AS last_name, mf.duration_ms AS last_duration,
    o.content AS waiting_content, o.state AS waiting_state
  FROM conversations c
    JOIN people me ON me.id = ?
    LEFT JOIN cursors mine ON mine.conversation = c.key AND mine.person = me.key
    LEFT JOIN drafts d ON d.conversation = c.id
    LEFT JOIN messages m ON m.rowid = (SELECT n.rowid FROM messages n
      WHERE n.conversation = c.key AND n.content_kind IS NOT NULL ORDER BY n.seq DESC LIMIT 1)
    LEFT JOIN media mf ON mf.message = m.rowid AND mf.item = 0
    LEFT JOIN outbox o ON o.key = (SELECT max(w.key) FROM outbox w WHERE w.conversation = c.id)`;

export function createConversationReader(database: Database, self: () => Profile): ConversationReader {
  const select = database.prepare<[string, string], ConversationRow>(`${conversationSelect} WHERE c.id = ?`);
  const selectFirst = database.prepare<[string, number], ConversationRow>(
    `${conversationSelect} ORDER BY c.active_at DESC, c.id LIMIT ?`,
  );
  const selectAfter = database.prepare<[string, number, number, string, number], ConversationRow>(`
    ${conversationSelect} WHERE c.active_at <= ? AND (c.active_at < ? OR c.id > ?) ORDER BY c.active_at DESC, c.id LIMIT ?`);
  const selectMembers = database.prepare<[number], PersonRow>(
    'SELECT p.id, p.username, p.display_name FROM cursors u JOIN people p ON p.key = u.person WHERE u.conversation = ?',
  );
  const selectUnread = database.prepare<[string], number>('SELECT unread FROM conversations WHERE id = ?').pluck();
  const sumUnread = database.prepare<[], number>('SELECT coalesce(sum(unread), 0) FROM conversations').pluck();

  const view = (row: ConversationRow): ConversationView => {
    const members = selectMembers.all(row.key).map(personOf);
    return conversationView(row, members, self());
  };

  return {
    get(conversation) {
      const row = select.get(self().id, conversation);
      return row ? view(row) : null;
    },
    page(after, limit) {
      const user = self().id;
      const rows = after
        ? selectAfter.all(user, after.activeAt, after.activeAt, after.id, limit)
        : selectFirst.all(user, limit);
      return rows.map(view);
    },
    unread: (conversation) => selectUnread.get(conversation) ?? 0,
    totalUnread: () => sumUnread.get() ?? 0,
  };
}

function conversationView(row: ConversationRow, members: readonly PersonView[], self: Profile): ConversationView {
  const others = members.filter((person) => person.id !== self.id);
  const peer = row.kind === 'direct' ? (others[0] ?? members[0] ?? null) : null;
  return {
    id: row.id,
    kind: row.kind,
    title: peer ? peer.displayName : others.map((person) => person.displayName).join(', '),
    peer,
    preview: previewOf(row),
    activeAt: row.active_at,
    head: row.head,
    unread: row.unread,
    readSeq: row.read_seq,
    draft: row.draft,
    failed: row.failed,
  };
}

function previewOf(row: ConversationRow): ConversationView['preview'] {
  if (row.waiting_state && row.waiting_content) {
    return waitingPreview(row.waiting_content, row.waiting_state === 'failed' ? 'failed' : 'queued');
  }
  if (row.last_seq === null || row.last_kind === null) return null;
  const own = row.last_own === 1;
  const ticks = { delivered: row.others_delivered ?? 0, read: row.others_read ?? 0 };
  return {
    text: oneLine(row.last_text ?? ''),
    kind: row.last_kind,
    media: lastMedia(row),
    own,
    state: own ? tickOf(row.last_seq, ticks) : 'received',
  };
}

function waitingPreview(bytes: Uint8Array, state: MessageState): ConversationView['preview'] {
  const content = decodeWaiting(bytes);
  const text = content.kind === 'unsupported' ? '' : oneLine((content.text ?? '').slice(0, previewCharacters));
  const media = content.kind === 'media' ? summaryOf(content.items) : null;
  return { text, kind: content.kind, media, own: true, state };
}

function lastMedia(row: ConversationRow): MediaSummary | null {
  if (row.last_first_kind === null) return null;
  return {
    kind: row.last_first_kind === row.last_last_kind ? row.last_first_kind : 'file',
    count: row.last_files,
    name: row.last_name ?? '',
    durationMs: row.last_duration,
  };
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

function personOf(row: PersonRow): PersonView {
  return { id: row.id, username: row.username, displayName: row.display_name };
}
