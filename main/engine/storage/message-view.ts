/** Makes of the rows of messages what the screens show. */
import type { MediaItemView, MediaRef, MediaSummary, TransferView } from '../../../bridge/media-views.ts';
import type { ContentView, MessageState, MessageView, PersonView } from '../../../bridge/views.ts';
import type { ConversationId, MessageId, UserId } from '../../../protocol/index.ts';
import { decodeWaiting, draftItems } from '../media/draft.ts';
import { mediaItemView, type KnownItem } from '../media/item-view.ts';
import type { MessageRow, ReplyColumns, WaitingRow } from './message-rows.ts';
import { failureView } from './pending-changes.ts';
import { reactionViews } from './reaction-views.ts';
import type { ShownReaction } from './reactions-table.ts';

/** Waiting messages sort behind every seq, by keys that may lie below zero. */
export const outboxOrderBase = 2 ** 50;

/** Whether an order is that of a waiting message: no log is as long as that. */
export function isBehindLog(order: number): boolean {
  return order > outboxOrderBase / 2;
}

/** How a file of a message travels right now; nothing of it is in the tables of messages. */
export type TransferOf = (ref: MediaRef, isPreparing: boolean) => TransferView | null;

export interface Ticks {
  readonly delivered: number;
  readonly read: number;
}

/** How far an own message got, by the members who are behind the most. */
export function tickOf(seq: number, { delivered, read }: Ticks): MessageState {
  if (seq <= read) return 'read';
  return seq <= delivered ? 'delivered' : 'sent';
}

/** What other tables know of a message. */
export interface MessageParts {
  readonly items: readonly KnownItem[];
  readonly reactions: readonly ShownReaction[];
}

/** As the log has it. */
export function messageView(
  row: MessageRow,
  ticks: Ticks,
  { items, reactions }: MessageParts,
  self: UserId,
  transferOf: TransferOf,
): MessageView {
  const own = row.own === 1;
  return {
    id: row.id,
    conversation: row.conversation,
    order: row.lost_place ?? row.seq,
    seq: row.lost_place === null ? row.seq : null,
    sender: { id: row.sender, username: row.username, displayName: row.display_name },
    own,
    time: row.time,
    content: contentView(row, items, transferOf),
    state: row.lost_place !== null ? 'lost' : own ? tickOf(row.seq, ticks) : 'received',
    failure: null,
    edited: row.edited_seq !== null,
    editedAt: row.edited_at,
    reactions: reactionViews(reactions, self),
    change: null,
  };
}

function contentView(row: MessageRow, items: readonly KnownItem[], transferOf: TransferOf): ContentView {
  const text = row.text ?? '';
  if (row.deleted_seq !== null) return { kind: 'deleted' };
  if (row.content_kind === 'text') return { kind: 'text', text, replyTo: quoteOf(row) };
  if (row.content_kind === 'unsupported') return { kind: 'unsupported' };
  return { kind: 'media', items: itemViews(row, items, (ref) => transferOf(ref, false)), text, replyTo: quoteOf(row) };
}

export function waitingView(row: WaitingRow, sender: PersonView, transferOf: TransferOf): MessageView {
  const { failure_code: code, failure_message: message } = row;
  const failure = row.state === 'failed' && code !== null ? { code, message: message ?? '' } : null;
  return {
    id: row.id,
    conversation: row.conversation,
    order: outboxOrderBase + row.key,
    seq: null,
    sender: { id: sender.id, username: sender.username, displayName: sender.displayName },
    own: true,
    time: row.typed_at,
    content: waitingContentView(row, transferOf),
    state: row.state === 'failed' ? 'failed' : 'queued',
    failure: failureView(failure),
    edited: false,
    editedAt: null,
    reactions: [],
    change: null,
  };
}

function waitingContentView(row: WaitingRow, transferOf: TransferOf): ContentView {
  const content = decodeWaiting(row.content);
  if (content.kind !== 'text' && content.kind !== 'media') return { kind: 'unsupported' };
  const { text = '' } = content;
  if (content.kind === 'text') return { kind: 'text', text, replyTo: quoteOf(row) };
  const items = itemViews(row, draftItems(content), (ref) => transferOf(ref, row.state === 'preparing'));
  return { kind: 'media', items, text, replyTo: quoteOf(row) };
}

function itemViews(
  { conversation, id }: { conversation: ConversationId; id: MessageId },
  items: readonly KnownItem[],
  transferOf: (ref: MediaRef) => TransferView | null,
): MediaItemView[] {
  return items.map((known) => mediaItemView(known, transferOf({ conversation, message: id, item: known.item })));
}

function quoteOf(row: ReplyColumns): Extract<ContentView, { kind: 'text' }>['replyTo'] {
  if (row.reply_to === null) return null;
  const sender =
    row.reply_sender === null
      ? null
      : { id: row.reply_sender, username: row.reply_username ?? '', displayName: row.reply_display_name ?? '' };
  const quote = { id: row.reply_to, sender };
  if (row.reply_deleted === 1) return { ...quote, excerpt: null, media: null, deleted: true };
  const excerpt = row.reply_kind === 'media' ? (row.reply_text ?? '') : row.reply_text;
  return { ...quote, excerpt, media: quotedMedia(row), deleted: false };
}

function quotedMedia(row: ReplyColumns): MediaSummary | null {
  if (row.reply_first_kind === null) return null;
  return {
    kind: row.reply_first_kind === row.reply_last_kind ? row.reply_first_kind : 'file',
    count: row.reply_files,
    name: row.reply_name ?? '',
    durationMs: row.reply_duration,
  };
}
