/** Conversations behind a cache: who belongs to one is asked for each signal and blob, who knows whom for each look at people. */
import type { UserId } from '../../../protocol/index.ts';
import type { ConversationStore } from '../../ports/store.ts';
import type { CacheParts } from './cached-store.ts';

export interface KnownContacts {
  readonly user: UserId;
  readonly contacts: ReadonlySet<UserId>;
}

/**
 * Only what says that a remembered answer will do is given one. Strangers are not remembered: they may become members, or
 * contacts, the next moment.
 */
export function createCachedConversations(store: ConversationStore, parts: CacheParts): ConversationStore {
  const { staleness, conversations, contacts } = parts;
  return {
    ...store,
    async get(id, member, atLeast) {
      if (atLeast === undefined) {
        const { moment } = staleness;
        const found = await store.get(id, member);
        if (found) conversations.keep(id, found, moment);
        return found;
      }
      const fits = ({ head, cursors }: { head: number; cursors: readonly { user: string }[] }) =>
        head >= atLeast && cursors.some(({ user }) => user === member);
      return conversations.get(id, () => store.get(id, member), fits);
    },
    async contactsAmong(user, others) {
      const known = await contacts.get(
        user,
        async () => ({ user, contacts: new Set(await store.contactsAmong(user, others)) }),
        (remembered) => others.every((other) => remembered.contacts.has(other)),
      );
      return [...new Set(others)].filter((other) => known?.contacts.has(other));
    },
  };
}
