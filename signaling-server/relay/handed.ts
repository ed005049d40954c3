/** How far a person's sessions on this node have been given each conversation. */
import type { ConversationId } from '../../protocol/index.ts';
import { Recent } from '../runtime/recent.ts';

/** Conversations remembered for one person: about 100 bytes each. Few people hear of more than these in a day. */
const most = 32;

/**
 * A session's knowledge of a conversation is the seq up to which every message was put to it: written to its socket, or
 * left to its feed, which gives it from the store. What the device itself sent counts as put to it, since `accepted` told it
 * the seq. Sessions that have not said yet what they hold have a feed that takes all, so one number a conversation stands
 * for all of the person's sessions.
 */
export class Handed {
  #seqs = new Recent<ConversationId, number>(most);
  /** Whether a conversation that is not remembered has nothing that the sessions do not hold. */
  #isComplete = false;
  #count = 0;

  /** Undefined when it is not known: only the device knows then what it holds. */
  get(conversation: ConversationId): number | undefined {
    return this.#seqs.get(conversation) ?? (this.#isComplete ? 0 : undefined);
  }

  /** @param known what `get` says. */
  raise(conversation: ConversationId, known: number | undefined, seq: number): void {
    if (known === undefined || known === 0) {
      this.#count++;
      if (this.#count >= most) this.#isComplete = false;
    }
    this.#seqs.set(conversation, seq);
  }

  /** All of the person's conversations, the most recently active first: a session is being given each up to its head. */
  learn(conversations: readonly { readonly id: ConversationId; readonly head: number }[]): void {
    const active = conversations.filter(({ head }) => head > 0);
    const remembered = active.slice(0, most - 1).reverse();
    const seqs = new Recent<ConversationId, number>(most);
    for (const { id, head } of remembered) seqs.set(id, Math.max(head, this.#seqs.get(id) ?? 0));
    this.#seqs = seqs;
    this.#count = remembered.length;
    this.#isComplete = remembered.length === active.length;
  }
}
