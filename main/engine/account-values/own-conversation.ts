/** The account's conversation with itself: its notes to self, and the way its devices tell each other their values. */
import type { ConversationId, UserId } from '../../../protocol/index.ts';
import type { SessionApi } from '../connection/relay-api.ts';
import type { Changes } from '../messaging/changes.ts';
import type { Store } from '../storage/store.ts';

export interface OwnConversation {
  /** Null while this device has not heard of it. */
  id(): ConversationId | null;
  /** The same, asking the relay to make it where it must. @throws ParleyError when the relay cannot be reached. */
  open(): Promise<ConversationId>;
}

interface OwnConversationDeps {
  readonly store: Store;
  readonly api: Pick<SessionApi, 'openDirect'>;
  readonly self: UserId;
  readonly changes: Changes;
}

export function createOwnConversation({ store, api, self, changes }: OwnConversationDeps): OwnConversation {
  let known: ConversationId | null = null;
  let opening: Promise<ConversationId> | null = null;

  const id = () => (known ??= store.conversations.withOneself());

  async function make(): Promise<ConversationId> {
    const { conversation, profiles } = await api.openDirect(self, null);
    store.transact(() => {
      for (const profile of profiles) store.people.save(profile);
      store.conversations.save(conversation);
    });
    changes.conversation(conversation.id);
    return conversation.id;
  }

  return {
    id,
    async open() {
      return id() ?? (await (opening ??= make().finally(() => (opening = null))));
    },
  };
}
