/** What the screens ask about messages: pages, sending, retrying, taking back, searching. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { MessageView } from '../../../bridge/views.ts';
import { createId, encodeContent, ParleyError, type ConversationId, type MessageId } from '../../../protocol/index.ts';
import type { Workspace } from '../account/workspace.ts';
import { takeBackFiles } from '../media/take-back.ts';
import { isUnheard } from '../messaging/own-changes.ts';
import { searchMessages } from '../search/search.ts';
import type { OutboxItem } from '../storage/outbox-table.ts';
import { assertKnown } from './conversation-commands.ts';
import { bringPage, readPage } from './message-page.ts';

type MessageCommands = Pick<
  Handlers<EngineContract>,
  'messages.page' | 'messages.send' | 'messages.retry' | 'messages.discard' | 'messages.search'
>;

export function createMessageCommands(workspace: Workspace): MessageCommands {
  const { store, sender, changes, media } = workspace;

  return {
    async 'messages.page'({ conversation, anchor, limit }) {
      assertKnown(workspace, conversation);
      await bringPage(workspace, conversation, anchor);
      return readPage(store.messageViews, conversation, anchor, limit);
    },
    'messages.send'({ conversation, text, replyTo }) {
      assertKnown(workspace, conversation);
      const id = createId<MessageId>();
      const content = encodeContent({ kind: 'text', text, ...(replyTo ? { replyTo } : {}) });
      const typedAt = workspace.relayTime.now();
      store.transact(() => {
        store.outbox.add({ conversation, id, content, text, replyTo: replyTo ?? null, typedAt });
        store.conversations.touch(conversation, typedAt);
      });
      changes.message(conversation, id);
      changes.conversation(conversation);
      workspace.typing.sent(conversation);
      sender.look(conversation);
      return waitingMessage(workspace, conversation, id);
    },
    'messages.retry'({ conversation, message }) {
      store.transact(() => {
        requireWaiting(workspace, conversation, message);
        store.outbox.revive(message);
      });
      changes.message(conversation, message);
      changes.conversation(conversation);
      media.preparer.look();
      sender.look(conversation);
    },
    async 'messages.discard'({ conversation, message }) {
      const item = store.transact(() => {
        const waiting = requireWaiting(workspace, conversation, message);
        store.outbox.remove(message);
        if (isUnheard(waiting)) removeChanges(workspace, conversation, message);
        store.conversations.settleActivity(conversation);
        return waiting;
      });
      changes.removed(conversation, message);
      changes.conversation(conversation);
      await takeBackFiles(store, media, item);
    },
    'messages.search': (input) => searchMessages(store, input),
  };
}

/** A message that was put into the outbox just now. */
export function waitingMessage({ store }: Workspace, conversation: ConversationId, id: MessageId): MessageView {
  const view = store.messageViews.byId(conversation, id);
  if (!view) throw new Error('A message that was just stored cannot be read.');
  return view;
}

function requireWaiting({ store }: Workspace, conversation: ConversationId, message: MessageId): OutboxItem {
  const item = store.outbox.get(message);
  if (item?.conversation !== conversation || item.kind !== 'message') throw alreadySent();
  return item;
}

/** Nobody will ever have the message that they would change. */
function removeChanges({ store }: Workspace, conversation: ConversationId, message: MessageId): void {
  for (const { id } of store.outbox.changesTo(conversation, [message]).get(message) ?? []) store.outbox.remove(id);
}

function alreadySent(): ParleyError {
  return new ParleyError('not_found', { message: 'This message was sent already.' });
}
