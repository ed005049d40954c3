/** Tells the screens that a message is another now: itself, and where others quote it. */
import type { ConversationId, MessageId } from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';
import type { Changes } from './changes.ts';

/** More answers than this are cheaper to load again. */
const namedAnswers = 20;

export function tellChange(
  { store, changes }: { readonly store: Store; readonly changes: Changes },
  conversation: ConversationId,
  message: MessageId,
): void {
  if (!store.conversations.has(conversation)) return;
  changes.message(conversation, message);
  const answers = store.messages.answersTo(conversation, message, namedAnswers + 1);
  if (answers.length > namedAnswers) changes.reload(conversation);
  else for (const answer of answers) changes.message(conversation, answer);
}
