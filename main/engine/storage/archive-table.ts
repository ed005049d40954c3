/** Reads the whole history piece by piece for exports, and takes in what only an export has. */
import type { BlobId, ConversationId, DeviceId, MessageId, Profile, UserId } from '../../../protocol/index.ts';
import type { KnownItem } from '../media/item-view.ts';
import type { Database } from './database.ts';
import { knownItem, mediaColumns, type MediaColumns } from './media-table.ts';

export interface ArchivedConversation {
  readonly id: ConversationId;
  readonly kind: 'direct' | 'group';
  readonly members: readonly Profile[];
  /** Of all kinds, also those that are never shown. */
  readonly messages: number;
}

/** A message with what became of it. */
export interface ArchivedMessage {
  readonly rowid: number;
  readonly seq: number;
  readonly id: MessageId;
  readonly sender: Profile;
  readonly own: boolean;
  readonly device: DeviceId;
  readonly kind: string;
  readonly time: number;
  /** Null for what is not shown. */
  readonly contentKind: string | null;
  /** As it is shown now. */
  readonly text: string | null;
  /** Empty for one that was taken back. */
  readonly payload: Uint8Array;
  readonly payloadHash: Uint8Array | null;
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly replyTo: MessageId | null;
  readonly quote: { readonly name: string; readonly text: string | null } | null;
}

/** A file of a message, whether it is here or not. */
export interface ArchivedFile extends KnownItem {
  readonly place: number;
  readonly blob: BlobId;
  /** Relay time of its message. */
  readonly time: number;
}

export interface ArchiveTable {
  /** The one with the newest message first. */
  conversations(): ArchivedConversation[];
  /** With a greater seq, in order. */
  messages(conversation: ConversationId, after: number, limit: number): ArchivedMessage[];
  /** How often each emoji stands at these messages. */
  reactions(
    conversation: ConversationId,
    ids: readonly MessageId[],
  ): Map<MessageId, { emoji: string; count: number }[]>;
  /** Files of messages, in the order in which they were stored, behind a place; a blob comes as often as it was sent. */
  files(after: number, limit: number): ArchivedFile[];
  /** Blobs that messages tell of, and the bytes of those that are here. */
  countFiles(): { files: number; heldBytes: number };
  drafts(): { conversation: ConversationId; text: string }[];
  /** A message came without its payload, because it was taken back before: only the payload's hash is known. */
  setErased(conversation: ConversationId, id: MessageId, payloadHash: Uint8Array): void;
}

interface ConversationRow {
  key: number;
  id: ConversationId;
  kind: 'direct' | 'group';
  messages: number;
}

interface MessageRow {
  rowid: number;
  seq: number;
  id: MessageId;
  user: UserId;
  username: string;
  display_name: string;
  own: number;
  device: DeviceId;
  kind: string;
  time: number;
  content_kind: string | null;
  text: string | null;
  payload: Uint8Array;
  payload_hash: Uint8Array | null;
  edited_seq: number | null;
  deleted_seq: number | null;
  reply_to: MessageId | null;
  quoted_name: string | null;
  quoted_text: string | null;
}

interface FileRow extends MediaColumns {
  key: number;
  time: number;
}

export function createArchiveTable(database: Database): ArchiveTable {
  const selectConversations = database.prepare<[], ConversationRow>(`
    SELECT c.key, c.id, c.kind, (SELECT count(*) FROM messages m WHERE m.conversation = c.key AND m.seq > 0) AS messages
    FROM conversations c ORDER BY c.active_at DESC, c.id`);
  const selectMembers = database.prepare<[number], { id: UserId; username: string; display_name: string }>(`
    SELECT p.id, p.username, p.display_name FROM cursors u JOIN people p ON p.key = u.person
    WHERE u.conversation = ? ORDER BY p.key`);
  const selectMessages = database.prepare<[string, number, number], MessageRow>(`
    SELECT m.rowid, m.seq, m.id, p.id AS user, p.username, p.display_name, m.own, m.device, m.kind, m.time,
      m.content_kind, m.text, m.payload, m.payload_hash, m.edited_seq, m.deleted_seq, m.reply_to,
      rp.display_name AS quoted_name, substr(r.text, 1, 200) AS quoted_text
    FROM messages m JOIN people p ON p.key = m.sender
      LEFT JOIN messages r ON r.id = m.reply_to AND r.conversation = m.conversation
      LEFT JOIN people rp ON rp.key = r.sender
    WHERE m.conversation = (SELECT key FROM conversations WHERE id = ?) AND m.seq > ? ORDER BY m.seq LIMIT ?`);
  const selectReactions = database.prepare<[string, string], { target: MessageId; emoji: string; count: number }>(`
    SELECT target, emoji, count(*) AS count FROM reactions
    WHERE conversation = (SELECT key FROM conversations WHERE id = ?) AND target IN (SELECT value FROM json_each(?))
    GROUP BY target, emoji ORDER BY min(seq)`);
  const selectFiles = database.prepare<[number, number], FileRow>(`
    SELECT f.key, m.time, ${mediaColumns} FROM media f JOIN messages m ON m.rowid = f.message
      LEFT JOIN blobs b ON b.id = f.blob
    WHERE f.key > ? ORDER BY f.key LIMIT ?`);
  const countAll = database.prepare<[], { files: number; heldBytes: number }>(`
    SELECT count(*) AS files, coalesce(sum(CASE WHEN b.whole = 1 THEN b.bytes ELSE 0 END), 0) AS heldBytes
    FROM blobs b WHERE EXISTS (SELECT 1 FROM media f WHERE f.blob = b.id)`);
  const erasePayload = database.prepare<[Uint8Array, string, string]>(`
    UPDATE messages SET payload = x'', payload_hash = ?
    WHERE id = ? AND conversation = (SELECT key FROM conversations WHERE id = ?)`);
  const selectDrafts = database.prepare<[], { conversation: ConversationId; text: string }>(
    "SELECT conversation, text FROM drafts WHERE text <> ''",
  );

  return {
    conversations: () =>
      selectConversations.all().map(({ key, ...conversation }) => ({
        ...conversation,
        members: selectMembers.all(key).map(({ id, username, display_name: displayName }) => ({
          id,
          username,
          displayName,
        })),
      })),
    messages: (conversation, after, limit) => selectMessages.all(conversation, after, limit).map(archivedMessage),
    reactions(conversation, ids) {
      const found = new Map<MessageId, { emoji: string; count: number }[]>();
      for (const { target, emoji, count } of selectReactions.all(conversation, JSON.stringify(ids))) {
        found.set(target, [...(found.get(target) ?? []), { emoji, count }]);
      }
      return found;
    },
    files: (after, limit) =>
      selectFiles.all(after, limit).map((row) => ({ ...knownItem(row), place: row.key, time: row.time })),
    countFiles: () => countAll.get() ?? { files: 0, heldBytes: 0 },
    drafts: () => selectDrafts.all(),
    setErased: (conversation, id, hash) => void erasePayload.run(hash, id, conversation),
  };
}

function archivedMessage(row: MessageRow): ArchivedMessage {
  const { rowid, seq, id, device, kind, time, text, payload } = row;
  return {
    rowid,
    seq,
    id,
    device,
    kind,
    time,
    text,
    payload,
    sender: { id: row.user, username: row.username, displayName: row.display_name },
    own: row.own === 1,
    contentKind: row.content_kind,
    payloadHash: row.payload_hash,
    edited: row.edited_seq !== null,
    deleted: row.deleted_seq !== null,
    replyTo: row.reply_to,
    quote: row.quoted_name === null ? null : { name: row.quoted_name, text: row.quoted_text },
  };
}
