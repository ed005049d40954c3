/** Finds the values whose messages the relay lost, because it was put back to an old backup. */
import type { ConversationId } from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';

/** @param conversation the one with oneself. @returns names of values that no message of its log says any more. */
export function lostValues(store: Store, conversation: ConversationId): string[] {
  const head = store.conversations.position(conversation)?.head ?? 0;
  const isLost = ({ seq, message }: { seq: number; message: string }) =>
    seq > head || store.messages.idAt(conversation, seq) !== message;
  return store.accountValues.agreed().flatMap((value) => (isLost(value) ? [value.name] : []));
}
