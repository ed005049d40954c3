/** Opens the direct conversation of two users, and tells both when it is new. */
import {
  createId,
  ParleyError,
  type Conversation,
  type ConversationId,
  type Profile,
  type UserId,
} from '../../protocol/index.ts';
import type { RelayParts } from './relay-parts.ts';

export interface OpenedConversation {
  readonly conversation: Conversation;
  readonly profiles: Profile[];
}

/**
 * `lost` is the id that the two had before the relay was put back to an earlier state: they get it again if it is free.
 * @throws ParleyError `not_found` when there is no such user, or their account is disabled.
 */
export function openDirect({ store, bus, clock }: Pick<RelayParts, 'store' | 'bus' | 'clock'>) {
  async function open(id: ConversationId, members: readonly [UserId, UserId], now: number) {
    return store.conversations.openDirect({ id, members, now });
  }

  /** An id that is another conversation's cannot be stored twice. */
  async function openAgain(lost: ConversationId, members: readonly [UserId, UserId], now: number) {
    try {
      return await open(lost, members, now);
    } catch (error) {
      if (error instanceof ParleyError && error.code !== 'internal') throw error;
      return open(createId(now), members, now);
    }
  }

  return async (user: UserId, other: UserId, lost?: ConversationId): Promise<OpenedConversation> => {
    const account = await store.accounts.byId(other);
    if (!account || account.disabled)
      throw new ParleyError('not_found', { message: 'There is no such person on this relay.' });
    const now = clock();
    const pair = [user, other] as const;
    const { conversation, created } = lost ? await openAgain(lost, pair, now) : await open(createId(now), pair, now);
    const members = conversation.cursors.map((cursor) => cursor.user);
    const profiles = await store.accounts.profiles(members);
    if (created) {
      for (const member of members) bus.publish(`user:${member}`, { type: 'conversation', conversation, profiles });
    }
    return { conversation, profiles };
  };
}
