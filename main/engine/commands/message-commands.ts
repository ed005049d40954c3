/** What the screens ask about messages: pages, sending, retrying, taking back, searching. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { MessageView } from '../../../bridge/views.ts';
import { createId, encodeContent, ParleyError, type ConversationId, type MessageId } from '../../../protocol/index.ts';
import type { Workspace } from '../account/workspace.ts';
import { searchMessages } from '../search/search.ts';
import { assertKnown } from './conversation-commands.ts';
import { readPage } from './message-page.ts';

type MessageCommands = Pick<
  Handlers<EngineContract>,
  'messages.page' | 'messages.send' | 'messages.retry' | 'messages.discard' | 'messages.search'
>;

export function createMessageCommands(workspace: Workspace): MessageCommands {
  const { store, sender, changes } = workspace;

  return {
    'messages.page'({ conversation, anchor, limit }) {
      assertKnown(workspace, conversation);
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
      return waitingView(workspace, conversation, id);
    },
    'messages.retry'({ conversation, message }) {
      const revived = store.transact(() => store.outbox.revive(message));
      if (!revived) assertWaiting(workspace, message);
      changes.message(conversation, message);
      changes.conversation(conversation);
      sender.look(conversation);
    },
    'messages.discard'({ conversation, message }) {
      const removed = store.transact(() => {
        if (store.outbox.get(message)?.conversation !== conversation) return false;
        store.outbox.remove(message);
        store.conversations.settleActivity(conversation);
        return true;
      });
      if (!removed) throw alreadySent();
      changes.removed(conversation, message);
      changes.conversation(conversation);
    },
    'messages.search': (input) => searchMessages(store, input),
  };
}

function waitingView({ store }: Workspace, conversation: ConversationId, id: MessageId): MessageView {
  const view = store.messageViews.byId(conversation, id);
  if (!view) throw new Error('A message that was just stored cannot be read.');
  return view;
}

function assertWaiting({ store }: Workspace, message: MessageId): void {
  if (!store.outbox.get(message)) throw alreadySent();
}

function alreadySent(): ParleyError {
  return new ParleyError('not_found', { message: 'This message was sent already.' });
}
