/** Opens the direct conversation of two users, and tells both when it is new. */
import { createId, ParleyError, type Conversation, type Profile, type UserId } from '../../protocol/index.ts';
import type { RelayParts } from './relay-parts.ts';

export interface OpenedConversation {
  readonly conversation: Conversation;
  readonly profiles: Profile[];
}

/** @throws ParleyError `not_found` when there is no such user, or their account is disabled. */
export function openDirect({ store, bus, clock }: Pick<RelayParts, 'store' | 'bus' | 'clock'>) {
  return async (user: UserId, other: UserId): Promise<OpenedConversation> => {
    const account = await store.accounts.byId(other);
    if (!account || account.disabled)
      throw new ParleyError('not_found', { message: 'There is no such person on this relay.' });
    const now = clock();
    const { conversation, created } = await store.conversations.openDirect({
      id: createId(now),
      members: [user, other],
      now,
    });
    const members = conversation.cursors.map((cursor) => cursor.user);
    const profiles = await store.accounts.profiles(members);
    if (created) {
      for (const member of members) bus.publish(`user:${member}`, { type: 'conversation', conversation, profiles });
    }
    return { conversation, profiles };
  };
}
