/** What the name of an account's value says: what it is, and which conversation it is about. */
import { conversationIdSchema, type ConversationId } from '../../../protocol/index.ts';

export type NamedValue =
  { readonly kind: 'media-path' } | { readonly kind: 'draft' | 'pin' | 'mute'; readonly conversation: ConversationId };

const aboutConversations = ['draft', 'pin', 'mute'] as const;

/** Null for a name of a newer version: its value is kept as it is. */
export function parseValueName(name: string): NamedValue | null {
  if (name === 'media-path') return { kind: 'media-path' };
  const colon = name.indexOf(':');
  const kind = aboutConversations.find((one) => one === name.slice(0, colon));
  const conversation = conversationIdSchema.safeParse(name.slice(colon + 1));
  return kind && conversation.success ? { kind, conversation: conversation.data } : null;
}
