/** Where messages of kind `account` go: taken into the store with the message, told of afterwards. */
import type { AccountContent, ConversationId, Envelope, MessageId } from '../../../protocol/index.ts';

export interface AccountValueIntake {
  /**
   * Within the transaction that stores the message, once for each. Values count only in the conversation with oneself;
   * in any other, and from any other sender, they are passed over.
   */
  store(conversation: ConversationId, envelope: Envelope, values: AccountContent['values']): void;
  /** After the commit, once for a conversation that `store` was called for: tells the screens what is different. */
  stored(conversation: ConversationId): void;
  /** The relay did not take this message for good, whatever it is. */
  refused(id: MessageId): void;
  /** The relay's log of this conversation is not what it was: it went back in time. */
  rewound(conversation: ConversationId): void;
}
