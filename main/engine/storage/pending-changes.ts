/** Shows a message as the person's own changes to it make it that the relay has not accepted yet. */
import type { FaultView, MessageView, PersonView } from '../../../bridge/views.ts';
import { decodeContent, errorTable, isErrorCode } from '../../../protocol/index.ts';
import { isTextOf } from './applied-changes.ts';
import type { OutboxItem } from './outbox-table.ts';
import { withOwnReaction } from './reaction-views.ts';

const deleted = { content: { kind: 'deleted' as const }, edited: false, editedAt: null, reactions: [] };

/** @param pending in the order typed; one that failed is told of, and changes nothing. */
export function withPending(view: MessageView, pending: readonly OutboxItem[], self: PersonView): MessageView {
  const changed = pending
    .filter(({ state }) => state !== 'failed')
    .reduce((before, { content }) => changedView(before, content, self), view);
  return { ...changed, change: changeOf(pending) };
}

function changedView(view: MessageView, bytes: Uint8Array, self: PersonView): MessageView {
  const change = decodeContent(bytes);
  const { content } = view;
  if (content.kind === 'deleted') return view;
  if (change.kind === 'delete') return { ...view, ...deleted };
  if (change.kind === 'reaction') return { ...view, reactions: withOwnReaction(view.reactions, change, self) };
  if (change.kind !== 'edit' || content.kind === 'unsupported' || !isTextOf(content.kind, change.text)) return view;
  return { ...view, content: { ...content, text: change.text }, edited: true, editedAt: null };
}

/** The one that needs the person comes first. */
function changeOf(pending: readonly OutboxItem[]): MessageView['change'] {
  const told = pending.find(({ state }) => state === 'failed') ?? pending.at(-1);
  if (!told || told.kind === 'message' || told.kind === 'account') return null;
  return { kind: told.kind, failure: failureView(told.failure), text: told.state === 'failed' ? wordsOf(told) : null };
}

function wordsOf({ content }: OutboxItem): string | null {
  const change = decodeContent(content);
  return change.kind === 'edit' ? change.text : null;
}

export function failureView(failure: FaultView | null): MessageView['failure'] {
  return failure && { ...failure, retryable: mayWorkAgain(failure.code) };
}

/** What a person can change before sending again: the conversation's or the relay's state, but not the message. */
function mayWorkAgain(code: string): boolean {
  return !isErrorCode(code) || errorTable[code].retry || code === 'forbidden' || code === 'not_found';
}
