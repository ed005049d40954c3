/** Reads conversations as their list shows them: title, preview, unread count, draft, all worked out by SQL. */
import type { MediaSummary } from '../../../bridge/media-views.ts';
import type { ConversationView, PersonView } from '../../../bridge/views.ts';
import type { ConversationId, MediaKind, Profile, UserId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';
import { decodeWaiting } from '../media/draft.ts';
import { summaryOf } from '../media/summary.ts';
import { isPendingDelete, pendingText } from './message-rows.ts';
import { tickOf } from './message-view.ts';
import type { OutboxItem } from './outbox-table.ts';

/** Where a conversation stands in the list. */
export type ConversationPlace = Pick<ConversationView, 'pinnedAt' | 'activeAt' | 'id'>;

export interface ConversationReader {
  get(conversation: ConversationId): ConversationView | null;
  /** Pinned ones first, then newest first, after the given row. Notes to self are left out while they hold nothing. */
  page(after: ConversationPlace | null, limit: number): ConversationView[];
  isMuted(conversation: ConversationId): boolean;
  /** Unread messages of one conversation. */
  unread(conversation: ConversationId): number;
  /** Unread messages over all conversations that are not muted. */
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
  pinned_at: number | null;
  muted: number | null;
  muted_until: number | null;
  others_delivered: number | null;
  others_read: number | null;
  last_seq: number | null;
  last_text: string | null;
  last_kind: 'text' | 'media' | 'deleted' | 'unsupported' | null;
  last_own: number | null;
  last_files: number;
  last_first_kind: MediaKind | null;
  last_last_kind: MediaKind | null;
  last_name: string | null;
  last_duration: number | null;
  waiting_content: Uint8Array | null;
  waiting_state: OutboxItem['state'] | null;
  pending_text: string | null;
  pending_delete: number;
}

interface PersonRow {
  id: UserId;
  username: string;
  display_name: string;
}

const previewCharacters = 200;
const notesTitle = 'Notes to self';

const conversationSelect = `
  SELECT c.key, c.id, c.kind, c.head, c.active_at, c.unread, coalesce(mine.read, 0) AS read_seq, nullif(d.text, '') AS draft,
    (SELECT count(*) FROM outbox f WHERE f.conversation = c.id AND f.state = 'failed' AND f.kind <> 'account') AS failed,
    k.pinned_at, k.muted, k.muted_until,
    (SELECT min(u.delivered) FROM cursors u WHERE u.conversation = c.key AND u.person <> me.key) AS others_delivered,
    (SELECT min(u.read) FROM cursors u WHERE u.conversation = c.key AND u.person <> me.key) AS others_read,
    m.seq AS last_seq, substr(m.text, 1, ${previewCharacters}) AS last_text, m.own AS last_own,
    CASE WHEN m.deleted_seq IS NULL THEN m.content_kind ELSE 'deleted' END AS last_kind,
    (SELECT count(*) FROM media f WHERE f.message = m.rowid) AS last_files,
    (SELECT min(f.kind) FROM media f WHERE f.message = m.rowid) AS last_first_kind,
    (SELECT max(f.kind) FROM media f WHERE f.message = m.rowid) AS last_last_kind,
    mf.name AS last_name, mf.duration_ms AS last_duration,
    o.content AS waiting_content, o.state AS waiting_state,
    ${pendingText('coalesce(o.id, m.id)')} AS pending_text, ${isPendingDelete('coalesce(o.id, m.id)')} AS pending_delete
  FROM conversations c
    JOIN people me ON me.id = ?
    LEFT JOIN cursors mine ON mine.conversation = c.key AND mine.person = me.key
    LEFT JOIN drafts d ON d.conversation = c.id
    LEFT JOIN conversation_marks k ON k.conversation = c.id
    LEFT JOIN messages m ON m.rowid = (SELECT n.rowid FROM messages n
      WHERE n.conversation = c.key AND n.content_kind IS NOT NULL ORDER BY n.seq DESC LIMIT 1)
    LEFT JOIN media mf ON mf.message = m.rowid AND mf.item = 0
    LEFT JOIN outbox o ON o.key = (SELECT max(w.key) FROM outbox w WHERE w.conversation = c.id AND w.kind = 'message')`;

const isWorthListing = `(m.rowid IS NOT NULL OR o.key IS NOT NULL OR coalesce(d.text, '') <> '' OR c.kind <> 'direct'
  OR EXISTS (SELECT 1 FROM cursors u WHERE u.conversation = c.key AND u.person <> me.key))`;
const byActivity = `k.pinned_at IS NULL AND ${isWorthListing}`;

export function createConversationReader(database: Database, self: () => Profile): ConversationReader {
  const select = database.prepare<[string, string], ConversationRow>(`${conversationSelect} WHERE c.id = ?`);
  const selectPinned = database.prepare<[string, number], ConversationRow>(
    `${conversationSelect} WHERE k.pinned_at IS NOT NULL ORDER BY k.pinned_at DESC, c.active_at DESC, c.id LIMIT ?`,
  );
  const selectPinnedAfter = database.prepare<[string, number, number, number, string, number], ConversationRow>(`
    ${conversationSelect} WHERE k.pinned_at <= ? AND (-k.pinned_at, -c.active_at, c.id) > (-?, -?, ?)
    ORDER BY k.pinned_at DESC, c.active_at DESC, c.id LIMIT ?`);
  const selectFirst = database.prepare<[string, number], ConversationRow>(
    `${conversationSelect} WHERE ${byActivity} ORDER BY c.active_at DESC, c.id LIMIT ?`,
  );
  const selectAfter = database.prepare<[string, number, number, string, number], ConversationRow>(`
    ${conversationSelect} WHERE c.active_at <= ? AND (c.active_at < ? OR c.id > ?) AND ${byActivity}
    ORDER BY c.active_at DESC, c.id LIMIT ?`);
  const selectMembers = database.prepare<[number], PersonRow>(
    'SELECT p.id, p.username, p.display_name FROM cursors u JOIN people p ON p.key = u.person WHERE u.conversation = ?',
  );
  const selectUnread = database.prepare<[string], number>('SELECT unread FROM conversations WHERE id = ?').pluck();
  const selectMuted = database
    .prepare<[string], number>('SELECT muted FROM conversation_marks WHERE conversation = ?')
    .pluck();
  const sumUnread = database
    .prepare<[], number>(
      `SELECT coalesce(sum(c.unread), 0) FROM conversations c
      WHERE NOT EXISTS (SELECT 1 FROM conversation_marks k WHERE k.conversation = c.id AND k.muted = 1)`,
    )
    .pluck();

  const view = (row: ConversationRow): ConversationView => {
    const members = selectMembers.all(row.key).map(personOf);
    return conversationView(row, members, self());
  };

  function pinnedRows(after: ConversationPlace | null, limit: number): ConversationRow[] {
    if (!after || after.pinnedAt === null) return selectPinned.all(self().id, limit);
    const { pinnedAt, activeAt, id } = after;
    return selectPinnedAfter.all(self().id, pinnedAt, pinnedAt, activeAt, id, limit);
  }

  const activeRows = (after: ConversationPlace | null, limit: number) =>
    after
      ? selectAfter.all(self().id, after.activeAt, after.activeAt, after.id, limit)
      : selectFirst.all(self().id, limit);

  return {
    get(conversation) {
      const row = select.get(self().id, conversation);
      return row ? view(row) : null;
    },
    page(after, limit) {
      const rows = after?.pinnedAt === null ? [] : pinnedRows(after, limit);
      if (rows.length < limit) rows.push(...activeRows(after?.pinnedAt === null ? after : null, limit - rows.length));
      return rows.map(view);
    },
    isMuted: (conversation) => selectMuted.get(conversation) === 1,
    unread: (conversation) => selectUnread.get(conversation) ?? 0,
    totalUnread: () => sumUnread.get() ?? 0,
  };
}

function conversationView(row: ConversationRow, members: readonly PersonView[], self: Profile): ConversationView {
  const others = members.filter((person) => person.id !== self.id);
  const direct = row.kind === 'direct';
  const notes = direct && members.length > 0 && others.length === 0;
  const peer = direct ? (others[0] ?? null) : null;
  return {
    id: row.id,
    kind: row.kind,
    title: notes ? notesTitle : others.map((person) => person.displayName).join(', '),
    peer,
    preview: previewOf(row, notes),
    activeAt: row.active_at,
    head: row.head,
    unread: row.unread,
    readSeq: row.read_seq,
    draft: row.draft,
    failed: row.failed,
    notes,
    pinnedAt: row.pinned_at,
    muted: row.muted === 1,
    mutedUntil: row.muted === 1 ? row.muted_until : null,
  };
}

type Preview = NonNullable<ConversationView['preview']>;

/** Of the last message, as the person's own changes to it make it that still wait. */
function previewOf(row: ConversationRow, notes: boolean): Preview | null {
  const preview = waitingPreview(row) ?? lastPreview(row, notes);
  if (!preview) return null;
  if (row.pending_delete === 1) return { ...preview, text: '', kind: 'deleted', media: null };
  if (row.pending_text === null || preview.kind === 'deleted') return preview;
  return { ...preview, text: oneLine(row.pending_text.slice(0, previewCharacters)) };
}

function lastPreview(row: ConversationRow, notes: boolean): Preview | null {
  if (row.last_seq === null || row.last_kind === null) return null;
  const own = row.last_own === 1;
  const nobody = notes ? Number.MAX_SAFE_INTEGER : 0;
  const ticks = { delivered: row.others_delivered ?? nobody, read: row.others_read ?? nobody };
  return {
    text: oneLine(row.last_text ?? ''),
    kind: row.last_kind,
    media: lastMedia(row),
    own,
    state: own ? tickOf(row.last_seq, ticks) : 'received',
  };
}

function waitingPreview({ waiting_state: state, waiting_content: bytes }: ConversationRow): Preview | null {
  if (!state || !bytes) return null;
  const shown = { own: true, state: state === 'failed' ? 'failed' : 'queued' } as const;
  const content = decodeWaiting(bytes);
  if (content.kind !== 'text' && content.kind !== 'media') {
    return { ...shown, text: '', kind: 'unsupported', media: null };
  }
  const media = content.kind === 'media' ? summaryOf(content.items) : null;
  return { ...shown, text: oneLine((content.text ?? '').slice(0, previewCharacters)), kind: content.kind, media };
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
