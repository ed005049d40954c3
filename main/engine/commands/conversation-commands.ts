/** What the screens ask about conversations: start, list, read, draft, typing, presence, people. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { ConversationView } from '../../../bridge/views.ts';
import { ParleyError, type ConversationId } from '../../../protocol/index.ts';
import type { Workspace } from '../account/workspace.ts';
import { searchPeople } from '../people/search-people.ts';

type ConversationCommands = Pick<
  Handlers<EngineContract>,
  | 'people.search'
  | 'conversations.start'
  | 'conversations.list'
  | 'conversations.get'
  | 'conversations.mark-read'
  | 'conversations.notes'
  | 'conversations.pin'
  | 'conversations.mute'
  | 'drafts.set'
  | 'typing.set'
  | 'presence.watch'
>;

export function createConversationCommands(workspace: Workspace): ConversationCommands {
  const { store, api, changes, reporter, presence, typing, guest, record, accountValues, relayTime } = workspace;
  const self = record().account.id;

  return {
    'people.search': ({ query }) => searchPeople(api, self, query),
    async 'conversations.start'({ user }) {
      const { conversation, profiles } = await api.openDirect(user, store.conversations.directWith(user));
      store.transact(() => {
        for (const profile of profiles) store.people.save(profile);
        store.conversations.save(conversation);
      });
      changes.conversation(conversation.id);
      return conversationView(workspace, conversation.id);
    },
    'conversations.list': ({ after, limit }) => store.conversationViews.page(after ?? null, limit),
    'conversations.get': ({ conversation }) => conversationView(workspace, conversation),
    'conversations.mark-read'({ conversation, seq }) {
      assertKnown(workspace, conversation);
      const read = Math.min(seq, store.messageViews.newestSeq(conversation));
      const moved = store.transact(() =>
        store.conversations.mergeCursors(conversation, [{ user: self, delivered: 0, read }]),
      );
      if (moved.length === 0) return;
      reporter.note(conversation);
      changes.conversation(conversation);
      if (store.conversationViews.unread(conversation) === 0) guest.emit('conversation.read', { conversation });
    },
    'conversations.notes': async () => conversationView(workspace, await accountValues.notes()),
    'conversations.pin'({ conversation, pinned }) {
      assertKnown(workspace, conversation);
      accountValues.set('pin', conversation, pinned ? { at: relayTime.now() } : null);
    },
    'conversations.mute'({ conversation, mute }) {
      assertKnown(workspace, conversation);
      const until = ({ forMs }: { forMs: number | null }) => (forMs === null ? null : relayTime.now() + forMs);
      accountValues.set('mute', conversation, mute && { until: until(mute) });
    },
    'drafts.set'({ conversation, text }) {
      assertKnown(workspace, conversation);
      accountValues.drafts.set(conversation, text);
    },
    'typing.set'({ conversation, typing: types }) {
      assertKnown(workspace, conversation);
      if (!types) accountValues.drafts.rest(conversation);
      if (!store.conversations.isWithOneself(conversation)) typing.set(conversation, types);
    },
    'presence.watch': ({ users }) => presence.watch(users),
  };
}

export function assertKnown({ store }: Workspace, conversation: ConversationId): void {
  if (!store.conversations.has(conversation)) {
    throw new ParleyError('not_found', {
      message: 'This conversation is not on this computer. It may come with the next sync.',
    });
  }
}

function conversationView(workspace: Workspace, id: ConversationId): ConversationView {
  assertKnown(workspace, id);
  const view = workspace.store.conversationViews.get(id);
  if (!view) throw new Error('A known conversation has no view.');
  return view;
}
