/** The person's own edits, deletions and reactions: into the outbox, or straight into what still waits there. */
import type { MessageView } from '../../../bridge/views.ts';
import {
  createId,
  decodeContent,
  encodeContent,
  ParleyError,
  type ChangeContent,
  type ConversationId,
  type MessageId,
} from '../../../protocol/index.ts';
import { assertFits, decodeWaiting, encodeDraft } from '../media/draft.ts';
import { isTextOf } from '../storage/applied-changes.ts';
import type { OutboxItem } from '../storage/outbox-table.ts';
import { isRestored } from '../storage/restored-mark.ts';
import type { Store } from '../storage/store.ts';

/** All throw ParleyError `not_found` for a message that is not here or is deleted, `forbidden`, `bad_request`. */
export interface OwnChanges {
  edit(message: MessageRef, text: string): void;
  /** @returns the waiting message that is to be discarded instead: it never left this computer. */
  delete(message: MessageRef): OutboxItem | null;
  react(message: MessageRef, emoji: string, on: boolean): void;
  /** Failed changes to the message wait again. */
  retry(message: MessageRef): void;
  /** Failed changes to the message are given up. */
  discard(message: MessageRef): void;
}

export interface MessageRef {
  readonly conversation: ConversationId;
  readonly message: MessageId;
}

interface OwnChangesDeps {
  readonly store: Store;
  /** Relay time. */
  readonly now: () => number;
}

/** A change that was not sealed yet is taken back when a later one makes it pointless. */
export function createOwnChanges({ store, now }: OwnChangesDeps): OwnChanges {
  const changesTo = ({ conversation, message }: MessageRef) =>
    store.outbox.changesTo(conversation, [message]).get(message) ?? [];

  /** What waits in a history out of a backup may have been sent long ago: changes follow behind it. */
  const isOnlyHere = (item: OutboxItem) => isUnheard(item) && !isRestored(store.state);

  function found({ conversation, message }: MessageRef): MessageView {
    const view = store.messageViews.byId(conversation, message);
    if (!view) throw gone('This message is not on this computer.');
    if (view.content.kind === 'deleted') throw gone('This message was deleted.');
    return view;
  }

  function own(ref: MessageRef): MessageView {
    const view = found(ref);
    if (!view.own) throw new ParleyError('forbidden', { message: 'Only who wrote a message can change or delete it.' });
    return view;
  }

  function add({ conversation, message: target }: MessageRef, change: ChangeContent): void {
    const text = change.kind === 'edit' ? change.text : null;
    const content = encodeContent(change);
    const { kind } = change;
    store.outbox.add({
      ...{ conversation, kind, target, content, text },
      id: createId<MessageId>(),
      replyTo: null,
      typedAt: now(),
    });
  }

  function withdraw(ref: MessageRef, isPointless: (item: OutboxItem) => boolean): void {
    for (const item of changesTo(ref)) if (isOnlyHere(item) && isPointless(item)) store.outbox.remove(item.id);
  }

  /** @returns whether the message still waited here, unheard of by anybody, and says this now. */
  function rewrite({ message }: MessageRef, text: string): boolean {
    const item = store.outbox.get(message);
    return item !== null && isOnlyHere(item) && store.outbox.rewrite(message, contentSaying(item, text), text || null);
  }

  return {
    edit(ref, text) {
      store.transact(() => {
        assertCanSay(own(ref), text);
        withdraw(ref, ({ kind }) => kind === 'edit');
        if (!rewrite(ref, text) && textOf(own(ref)) !== text) add(ref, { kind: 'edit', target: ref.message, text });
      });
    },
    delete: (ref) =>
      store.transact(() => {
        own(ref);
        const waiting = store.outbox.get(ref.message);
        if (waiting && isOnlyHere(waiting)) return waiting;
        withdraw(ref, () => true);
        add(ref, { kind: 'delete', target: ref.message });
        return null;
      }),
    react(ref, emoji, on) {
      store.transact(() => {
        if (found(ref).seq === null) throw notSentYet();
        withdraw(ref, ({ content }) => isReaction(content, emoji));
        const reaction = found(ref).reactions.find((each) => each.emoji === emoji);
        if ((reaction?.own ?? false) !== on) add(ref, { kind: 'reaction', target: ref.message, emoji, on });
      });
    },
    retry(ref) {
      store.transact(() => {
        for (const { id } of changesTo(ref)) store.outbox.revive(id);
      });
    },
    discard(ref) {
      store.transact(() => {
        for (const { id, state } of changesTo(ref)) if (state === 'failed') store.outbox.remove(id);
      });
    },
  };
}

/** The relay has not got it: it was not sealed, or it was refused for good. */
export function isUnheard({ sealed, state }: OutboxItem): boolean {
  return sealed === null || state === 'failed';
}

function isReaction(content: Uint8Array, emoji: string): boolean {
  const change = decodeContent(content);
  return change.kind === 'reaction' && change.emoji === emoji;
}

function textOf({ content }: MessageView): string {
  return content.kind === 'text' || content.kind === 'media' ? content.text : '';
}

function assertCanSay({ content }: MessageView, text: string): void {
  if (content.kind === 'text' || content.kind === 'media') {
    if (isTextOf(content.kind, text)) return;
    throw new ParleyError('bad_request', { message: 'A message cannot be empty. Delete it if nobody should see it.' });
  }
  throw new ParleyError('bad_request', { message: 'Update Parley to change this message.' });
}

/** @throws ParleyError `bad_request` when that is too much for one message. */
function contentSaying(item: OutboxItem, text: string): Uint8Array {
  const content = decodeWaiting(item.content);
  if (content.kind === 'text') return encodeContent({ ...content, text });
  if (content.kind !== 'media') throw new Error('A message that was read a moment ago is none.');
  const { text: _before, ...files } = content;
  const draft = { ...files, ...(text === '' ? {} : { text }) };
  assertFits(draft);
  return encodeDraft(draft);
}

function gone(message: string): ParleyError {
  return new ParleyError('not_found', { message });
}

function notSentYet(): ParleyError {
  return new ParleyError('bad_request', { message: 'This message is not sent yet. React to it once it is.' });
}
