/** Opens direct conversations again that the relay lost when it was put back to a state from before they began. */
import {
  errorTable,
  ParleyError,
  type Conversation,
  type ConversationId,
  type Profile,
  type UserId,
} from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../storage/store.ts';

export interface LostConversations {
  /** The relay does not know this conversation. */
  note(conversation: ConversationId): void;
  /** The sync is over: opens those again. The relay tells all members, and their devices send what they have. */
  reopen(): void;
  reset(): void;
}

interface LostConversationsDeps {
  readonly store: Store;
  readonly self: UserId;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: (user: UserId, known: ConversationId) => Promise<{ conversation: Conversation; profiles: Profile[] }>;
  readonly onOpened: (conversation: Conversation, profiles: readonly Profile[]) => void;
  /** It cannot be opened again under its id: what waits in it is refused, so that the person hears of it. */
  readonly onGone: (conversation: ConversationId) => void;
  readonly onFault: (error: unknown) => void;
}

/** For what the relay could not do just now. */
const againMs = 30_000;

export function createLostConversations(deps: LostConversationsDeps): LostConversations {
  const { store, self, log, clock } = deps;
  const lost = new Set<ConversationId>();
  let cancelTimer = () => {};

  async function open(id: ConversationId): Promise<void> {
    const view = store.conversationViews.get(id);
    if (view?.kind !== 'direct') return deps.onGone(id);
    try {
      const { conversation, profiles } = await deps.open(view.peer?.id ?? self, id);
      log.warn('conversation.reopened', { conversation: id, same: conversation.id === id });
      deps.onOpened(conversation, profiles);
      if (conversation.id !== id) deps.onGone(id);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      log.warn('conversation.not_reopened', { conversation: id, code: error.code });
      if (!errorTable[error.code].retry) return deps.onGone(id);
      lost.add(id);
      tryLater();
    }
  }

  function tryLater(): void {
    cancelTimer();
    cancelTimer = clock.after(againMs, reopen);
  }

  function reopen(): void {
    void openAll().catch(deps.onFault);
  }

  async function openAll(): Promise<void> {
    for (const id of [...lost]) if (lost.delete(id)) await open(id);
  }

  return {
    note: (conversation) => void lost.add(conversation),
    reopen,
    reset() {
      cancelTimer();
      lost.clear();
    },
  };
}
