/** Gathers what changed and tells the screens a few times a second, however fast messages come in. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { GuestContract } from '../../../bridge/host-contract.ts';
import type { MessageView } from '../../../bridge/views.ts';
import type { ConversationId, MessageId } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { EventHub } from '../runtime/event-hub.ts';
import { createThrottle } from '../runtime/throttle.ts';
import type { Store } from '../storage/store.ts';

export interface Changes {
  /** The conversation's row in the list is different now. */
  conversation(conversation: ConversationId): void;
  message(conversation: ConversationId, id: MessageId): void;
  removed(conversation: ConversationId, id: MessageId): void;
  /** More changed than is worth naming. */
  reload(conversation: ConversationId): void;
  /** Tells everything that is pending now. */
  flush(): void;
  stop(): void;
}

interface Pending {
  readonly changed: Set<MessageId>;
  readonly removed: Set<MessageId>;
  reload: boolean;
}

/** Beyond so many changed messages a page is cheaper to load again. */
const namedMessages = 100;
/** A first sync may bring thousands of conversations: telling them all at once would hold up the pages. */
const conversationsAtOnce = 100;
const messagesMs = 50;
const conversationsMs = 200;

export function createChanges(
  clock: Clock,
  store: Store,
  pages: EventHub<EngineContract>,
  guest: EventHub<GuestContract>,
): Changes {
  const conversations = new Set<ConversationId>();
  let messages = new Map<ConversationId, Pending>();
  let lastUnread = -1;

  const messageThrottle = createThrottle(clock, messagesMs, tellMessages);
  const conversationThrottle = createThrottle(clock, conversationsMs, tellConversations);

  function tellMessages(): void {
    const due = messages;
    messages = new Map();
    for (const [conversation, pending] of due)
      pages.emit('messages.changed', messageEvent(store, conversation, pending));
  }

  function tellConversations(): void {
    const due = [...conversations].slice(0, conversationsAtOnce);
    for (const id of due) conversations.delete(id);
    if (conversations.size > 0) conversationThrottle.trigger();
    const views = due.flatMap((id) => store.conversationViews.get(id) ?? []);
    if (views.length > 0) pages.emit('conversations.changed', views);
    const total = store.conversationViews.totalUnread();
    if (total === lastUnread) return;
    lastUnread = total;
    guest.emit('unread.changed', { total });
  }

  function pendingOf(conversation: ConversationId): Pending {
    const pending = messages.get(conversation) ?? { changed: new Set(), removed: new Set(), reload: false };
    messages.set(conversation, pending);
    messageThrottle.trigger();
    return pending;
  }

  return {
    conversation(conversation) {
      conversations.add(conversation);
      conversationThrottle.trigger();
    },
    message(conversation, id) {
      const pending = pendingOf(conversation);
      if (pending.changed.size >= namedMessages) pending.reload = true;
      else pending.changed.add(id);
    },
    removed(conversation, id) {
      const pending = pendingOf(conversation);
      pending.changed.delete(id);
      pending.removed.add(id);
    },
    reload(conversation) {
      pendingOf(conversation).reload = true;
    },
    flush() {
      messageThrottle.flush();
      conversationThrottle.flush();
    },
    stop() {
      messageThrottle.cancel();
      conversationThrottle.cancel();
    },
  };
}

function messageEvent(store: Store, conversation: ConversationId, pending: Pending) {
  const { removed, reload } = pending;
  return { conversation, messages: changedViews(store, conversation, pending), removed: [...removed], reload };
}

/** The relay may speak of a conversation that this device does not hold: no page shows anything of it. */
function changedViews(store: Store, conversation: ConversationId, { changed, reload }: Pending): MessageView[] {
  if (reload || !store.conversations.has(conversation)) return [];
  const views = [...changed].flatMap((id) => store.messageViews.byId(conversation, id) ?? []);
  return views.sort((one, other) => one.order - other.order);
}
