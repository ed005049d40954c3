/** The queries for messages as the screens show them, and the rows they give. */
import type { MediaKind, MessageId, ConversationId, UserId } from '../../../protocol/index.ts';
import type { OutboxItem } from './outbox-table.ts';

/** What is known of a message that another one answers. */
export interface ReplyColumns {
  reply_to: MessageId | null;
  reply_kind: 'text' | 'media' | 'unsupported' | null;
  reply_text: string | null;
  reply_deleted: number;
  reply_sender: UserId | null;
  reply_username: string | null;
  reply_display_name: string | null;
  reply_files: number;
  reply_first_kind: MediaKind | null;
  reply_last_kind: MediaKind | null;
  reply_name: string | null;
  reply_duration: number | null;
}

export interface MessageRow extends ReplyColumns {
  rowid: number;
  conversation: ConversationId;
  /** Below zero for one that the relay lost. */
  seq: number;
  lost_place: number | null;
  id: MessageId;
  own: number;
  time: number;
  content_kind: 'text' | 'media' | 'unsupported';
  text: string | null;
  edited_seq: number | null;
  edited_at: number | null;
  deleted_seq: number | null;
  sender: UserId;
  username: string;
  display_name: string;
}

export interface WaitingRow extends ReplyColumns {
  key: number;
  conversation: ConversationId;
  id: MessageId;
  typed_at: number;
  content: Uint8Array;
  state: OutboxItem['state'];
  failure_code: string | null;
  failure_message: string | null;
}

/** What a message of the person will say once a waiting change is accepted; null when none waits. */
export function pendingText(message: string): string {
  return `(SELECT x.text FROM outbox x WHERE x.target = ${message} AND x.kind = 'edit' AND x.state <> 'failed'
    ORDER BY x.key DESC LIMIT 1)`;
}

/** Whether the person deleted a message, and the relay has yet to hear of it. */
export function isPendingDelete(message: string): string {
  return `EXISTS (SELECT 1 FROM outbox x WHERE x.target = ${message} AND x.kind = 'delete' AND x.state <> 'failed')`;
}

const replyColumns = `
  r.content_kind AS reply_kind, substr(coalesce(${pendingText('r.id')}, r.text), 1, 200) AS reply_text,
  (r.deleted_seq IS NOT NULL OR ${isPendingDelete('r.id')}) AS reply_deleted,
  rp.id AS reply_sender, rp.username AS reply_username, rp.display_name AS reply_display_name,
  (SELECT count(*) FROM media f WHERE f.message = r.rowid) AS reply_files,
  (SELECT min(f.kind) FROM media f WHERE f.message = r.rowid) AS reply_first_kind,
  (SELECT max(f.kind) FROM media f WHERE f.message = r.rowid) AS reply_last_kind,
  rf.name AS reply_name, rf.duration_ms AS reply_duration`;
const replyJoins = `
    LEFT JOIN people rp ON rp.key = r.sender
    LEFT JOIN media rf ON rf.message = r.rowid AND rf.item = 0`;

export const messageSelect = `
  SELECT m.rowid, c.id AS conversation, m.seq, m.lost_place, m.id, m.own, m.time, m.content_kind, m.text, m.edited_seq, m.deleted_seq,
    (SELECT e.time FROM messages e WHERE e.conversation = m.conversation AND e.seq = m.edited_seq) AS edited_at, m.reply_to, p.id AS sender, p.username, p.display_name, ${replyColumns}
  FROM messages m JOIN conversations c ON c.key = m.conversation JOIN people p ON p.key = m.sender
    LEFT JOIN messages r ON r.id = m.reply_to AND r.conversation = m.conversation ${replyJoins}
  WHERE m.content_kind IS NOT NULL`;

export const waitingSelect = `
  SELECT o.key, o.conversation, o.id, o.typed_at, o.content, o.state, o.failure_code, o.failure_message, o.reply_to, ${replyColumns}
  FROM outbox o
    LEFT JOIN conversations c ON c.id = o.conversation
    LEFT JOIN messages r ON r.id = o.reply_to AND r.conversation = c.key ${replyJoins}
  WHERE o.kind = 'message' AND`;
