/** The contract of conversations and cursors. */
import { describe, expect, it } from 'vitest';
import { createId, type ConversationId, type UserId } from '../../protocol/index.ts';
import { addConversation, addPerson } from '../support/relay-core.ts';
import type { StoreSlot } from './store-contract.ts';
import { newMessage } from './store-log.ts';

export function conversationsContract(slot: StoreSlot): void {
  async function pair() {
    const [anna, ben] = [await addPerson(slot.store), await addPerson(slot.store)];
    return { anna, ben, conversation: await addConversation(slot.store, anna, ben) };
  }

  describe('conversations', () => {
    it('are one per pair, whoever asks first', async () => {
      const { anna, ben, conversation } = await pair();
      const again = { id: createId<ConversationId>(), members: [ben.user, anna.user] as const, now: 7 };
      const opened = await slot.store.conversations.openDirect(again);
      expect(opened).toMatchObject({
        created: false,
        conversation: { id: conversation, kind: 'direct', epoch: 0, head: 0 },
      });
      expect(opened.conversation.cursors.map(({ user }) => user).sort()).toEqual([anna.user, ben.user].sort());
    });

    it('are one per pair when both ask at once', async () => {
      const [anna, ben] = [await addPerson(slot.store), await addPerson(slot.store)];
      const open = (members: readonly [UserId, UserId]) =>
        slot.store.conversations.openDirect({ id: createId<ConversationId>(), members, now: 1 });
      const opened = await Promise.all([open([anna.user, ben.user]), open([ben.user, anna.user])]);
      expect(new Set(opened.map(({ conversation }) => conversation.id)).size).toBe(1);
      expect(opened.filter(({ created }) => created)).toHaveLength(1);
    });

    it('may be with oneself', async () => {
      const anna = await addPerson(slot.store);
      const id = createId<ConversationId>();
      const { conversation } = await slot.store.conversations.openDirect({
        id,
        members: [anna.user, anna.user],
        now: 5,
      });
      expect(conversation.cursors).toEqual([{ user: anna.user, delivered: 0, read: 0 }]);
      expect(await slot.store.conversations.contactsAmong(anna.user, [anna.user])).toEqual([anna.user]);
    });

    it('are not opened with someone who does not exist', async () => {
      const anna = await addPerson(slot.store);
      const input = { id: createId<ConversationId>(), members: [anna.user, createId<UserId>()] as const, now: 5 };
      await expect(slot.store.conversations.openDirect(input)).rejects.toMatchObject({ code: 'not_found' });
      expect(await slot.store.conversations.listOf(anna.user)).toEqual([]);
    });

    it('are as good as absent for a stranger', async () => {
      const { anna, conversation } = await pair();
      const stranger = await addPerson(slot.store);
      expect(await slot.store.conversations.get(conversation, anna.user)).toMatchObject({ id: conversation });
      expect(await slot.store.conversations.get(conversation, stranger.user)).toBeNull();
      expect(await slot.store.conversations.get(createId<ConversationId>(), anna.user)).toBeNull();
    });

    it('are listed with the most recently active first, and paged by id', async () => {
      const anna = await addPerson(slot.store);
      const others = await Promise.all(Array.from({ length: 5 }, () => addPerson(slot.store)));
      const ids: ConversationId[] = [];
      for (const other of others) ids.push(await addConversation(slot.store, anna, other));
      const [first = createId<ConversationId>()] = ids;
      await slot.store.log.append([newMessage(anna, first)], Date.now() + 10_000);
      const listed = await slot.store.conversations.listOf(anna.user);
      expect(listed).toHaveLength(5);
      expect(listed[0]).toMatchObject({ id: first, head: 1 });
      expect(listed.map(({ activeAt }) => activeAt)).toEqual(
        listed.map(({ activeAt }) => activeAt).sort((a, b) => b - a),
      );
      const page = await slot.store.conversations.pageOf(anna.user, null, 3);
      const rest = await slot.store.conversations.pageOf(anna.user, page.at(-1)?.id ?? null, 3);
      expect([...page, ...rest].map(({ id }) => id)).toEqual([...ids].sort());
    });

    it('tell which of some users’ conversations were made or got messages lately, with their heads', async () => {
      const { anna, ben, conversation } = await pair();
      const cleo = await addPerson(slot.store);
      const quiet = await addConversation(slot.store, anna, cleo);
      await slot.store.log.append([newMessage(anna, quiet)], Date.now());
      await slot.store.log.append([newMessage(anna, conversation), newMessage(ben, conversation)], Date.now());
      const active = (...users: UserId[]) => slot.store.conversations.activeWithin(users, 60_000);
      expect(new Set(await active(anna.user, createId<UserId>(), cleo.user))).toEqual(
        new Set([
          { user: anna.user, conversation, head: 2 },
          { user: anna.user, conversation: quiet, head: 1 },
          { user: cleo.user, conversation: quiet, head: 1 },
        ]),
      );
      expect(await active()).toEqual([]);
      expect(await active(createId<UserId>())).toEqual([]);
      const empty = await addConversation(slot.store, anna, await addPerson(slot.store));
      expect(await active(anna.user)).toContainEqual({ user: anna.user, conversation: empty, head: 0 });
      // Nothing was made or said in the coming hour.
      expect(await slot.store.conversations.activeWithin([anna.user, ben.user], -3_600_000)).toEqual([]);
    });

    it('tell who of others shares one with a user', async () => {
      const { anna, ben } = await pair();
      const stranger = await addPerson(slot.store);
      const asked = [stranger.user, ben.user, createId<UserId>()];
      expect(await slot.store.conversations.contactsAmong(anna.user, asked)).toEqual([ben.user]);
    });
  });

  describe('cursors', () => {
    it('move up only, and reading counts as delivery', async () => {
      const { anna, ben, conversation } = await pair();
      await slot.store.log.append(
        [newMessage(anna, conversation), newMessage(anna, conversation), newMessage(anna, conversation)],
        10,
      );
      const move = (delivered?: number, read?: number) =>
        slot.store.conversations.advance([{ conversation, user: ben.user, delivered, read }]);
      const [moved] = await move(undefined, 2);
      expect(moved).toMatchObject({ state: 'advanced', cursor: { user: ben.user, delivered: 2, read: 2 } });
      expect(moved?.state === 'advanced' && [...moved.members].sort()).toEqual([anna.user, ben.user].sort());
      expect(await move(1, 1)).toEqual([null]);
      expect(await move(3)).toMatchObject([{ cursor: { delivered: 3, read: 2 } }]);
      await slot.reopen();
      const kept = await slot.store.conversations.get(conversation, anna.user);
      expect(kept?.cursors.find(({ user }) => user === ben.user)).toEqual({ user: ben.user, delivered: 3, read: 2 });
    });

    it('past the head or of a foreign conversation are refused, and the others stand', async () => {
      const { anna, ben, conversation } = await pair();
      const stranger = await addPerson(slot.store);
      await slot.store.log.append([newMessage(anna, conversation)], 10);
      const outcomes = await slot.store.conversations.advance([
        { conversation, user: ben.user, delivered: 2 },
        { conversation, user: stranger.user, delivered: 1 },
        { conversation: createId<ConversationId>(), user: ben.user, delivered: 1 },
        { conversation, user: ben.user, delivered: 1 },
      ]);
      expect(outcomes).toMatchObject([
        { state: 'refused', code: 'seq_ahead' },
        { state: 'refused', code: 'not_found' },
        { state: 'refused', code: 'not_found' },
        { state: 'advanced', cursor: { delivered: 1, read: 0 } },
      ]);
    });
  });
}
