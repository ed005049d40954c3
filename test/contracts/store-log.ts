/** The contract of the log. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createId, type ConversationId, type MessageId } from '../../protocol/index.ts';
import type { NewMessage } from '../../signaling-server/ports/store.ts';
import { addConversation, addDevice, addPerson, type TestDevice } from '../support/relay-core.ts';
import type { StoreSlot } from './store-contract.ts';

export function newMessage(
  { user, device }: TestDevice,
  conversation: ConversationId,
  more: Partial<NewMessage> = {},
): NewMessage {
  const payload = new Uint8Array([1, 2, 3]);
  return { conversation, user, device, id: createId<MessageId>(), epoch: 0, kind: 'content', payload, ...more };
}

const everything = { from: 1, to: Number.MAX_SAFE_INTEGER, limit: 100_000, maxBytes: 1e9 };

export function logContract(slot: StoreSlot): void {
  async function pair() {
    const [anna, ben] = [await addPerson(slot.store), await addPerson(slot.store)];
    return { anna, ben, conversation: await addConversation(slot.store, anna, ben) };
  }

  describe('the log', () => {
    it('numbers each conversation by itself, without gaps, in the order given', async () => {
      const { anna, ben, conversation } = await pair();
      const cleo = await addPerson(slot.store);
      const other = await addConversation(slot.store, anna, cleo);
      const group = [
        newMessage(anna, conversation),
        newMessage(cleo, other),
        newMessage(ben, conversation),
        newMessage(anna, other),
      ];
      const outcomes = await slot.store.log.append(group, 1_000);
      expect(outcomes.map((outcome) => outcome.state === 'accepted' && outcome.seq)).toEqual([1, 1, 2, 2]);
      await slot.reopen();
      expect(await slot.store.log.append([newMessage(ben, conversation)], 2_000)).toMatchObject([
        { state: 'accepted', seq: 3 },
      ]);
      const stored = await slot.store.log.read(conversation, everything);
      expect(stored.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(stored[0]).toMatchObject({ id: group[0]?.id, user: anna.user, device: anna.device, kind: 'content' });
      expect([...(stored[0]?.payload ?? [])]).toEqual([1, 2, 3]);
      expect(await slot.store.conversations.get(conversation, anna.user)).toMatchObject({
        head: 3,
        activeAt: stored[2]?.time,
      });
    });

    it('names the members of accepted messages, and of repeated ones', async () => {
      const { anna, ben, conversation } = await pair();
      const message = newMessage(anna, conversation);
      for (const state of ['accepted', 'repeated']) {
        const [outcome] = await slot.store.log.append([message], 1);
        expect(outcome?.state).toBe(state);
        expect(outcome && 'members' in outcome && [...outcome.members].sort()).toEqual([anna.user, ben.user].sort());
      }
    });

    it('never lets time fall within a conversation', async () => {
      const { anna, conversation } = await pair();
      const later = Date.now() + 100_000;
      await slot.store.log.append([newMessage(anna, conversation)], later);
      await slot.reopen();
      await slot.store.log.append([newMessage(anna, conversation)], later - 50_000);
      const times = (await slot.store.log.read(conversation, everything)).map(({ time }) => time);
      expect(times).toEqual([later, later]);
    });

    it('stores a message id once: a repetition gives the first seq and time, within a group and after a restart', async () => {
      const { anna, conversation } = await pair();
      const now = Date.now() + 1_000;
      const message = newMessage(anna, conversation);
      const group = await slot.store.log.append([message, newMessage(anna, conversation), message], now);
      expect(group[0]).toMatchObject({ state: 'accepted', seq: 1, time: now });
      expect(group[2]).toMatchObject({ state: 'repeated', seq: 1, time: now });
      await slot.reopen();
      const tablet = await addDevice(slot.store, anna.profile);
      expect(await slot.store.log.append([{ ...message, device: tablet.device }], now + 5)).toMatchObject([
        { state: 'repeated', seq: 1, time: now },
      ]);
      expect(await slot.store.log.append([newMessage(anna, conversation)], now + 9)).toMatchObject([{ seq: 3 }]);
    });

    it('takes the same id in another conversation, and refuses another member who uses it', async () => {
      const { anna, ben, conversation } = await pair();
      const cleo = await addPerson(slot.store);
      const other = await addConversation(slot.store, anna, cleo);
      const message = newMessage(anna, conversation);
      await slot.store.log.append([message], 1);
      const outcomes = await slot.store.log.append(
        [{ ...message, conversation: other }, newMessage(ben, conversation, { id: message.id })],
        2,
      );
      expect(outcomes).toMatchObject([
        { state: 'accepted', seq: 1 },
        { state: 'refused', code: 'message_id_taken' },
      ]);
    });

    it('refuses strangers exactly as it refuses unknown conversations', async () => {
      const { conversation } = await pair();
      const stranger = await addPerson(slot.store);
      const group = [newMessage(stranger, conversation), newMessage(stranger, createId<ConversationId>())];
      const refused = { state: 'refused', code: 'not_found' };
      expect(await slot.store.log.append(group, 1)).toEqual([refused, refused]);
    });

    it('refuses a stale epoch with the present one, but knows a repeated message even then', async () => {
      const { anna, conversation } = await pair();
      const message = newMessage(anna, conversation);
      await slot.store.log.append([message], 1);
      const outcomes = await slot.store.log.append(
        [newMessage(anna, conversation, { epoch: 7 }), { ...message, epoch: 7 }],
        2,
      );
      expect(outcomes).toMatchObject([
        { state: 'refused', code: 'stale_epoch', epoch: 0 },
        { state: 'repeated', seq: 1 },
      ]);
    });

    it('reads any range, up to a number of messages or of bytes, but at least one', async () => {
      const { anna, conversation } = await pair();
      const payload = new Uint8Array(1_000);
      for (let group = 0; group < 5; group++) {
        await slot.store.log.append(
          Array.from({ length: 60 }, () => newMessage(anna, conversation, { payload })),
          group,
        );
      }
      const seqs = async (range: Partial<typeof everything>) =>
        (await slot.store.log.read(conversation, { ...everything, ...range })).map(({ seq }) => seq);
      const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
      for (const restart of [false, true]) {
        if (restart) await slot.reopen();
        expect(await seqs({})).toEqual(numbers(1, 300));
        expect(await seqs({ from: 50, to: 250 })).toEqual(numbers(50, 250));
        expect(await seqs({ from: 290 })).toEqual(numbers(290, 300));
        expect(await seqs({ limit: 7, from: 60 })).toEqual(numbers(60, 66));
        expect((await seqs({ maxBytes: 5_500 })).length).toBeLessThanOrEqual(6);
        expect(await seqs({ maxBytes: 1, from: 100 })).toEqual([100]);
        expect(await seqs({ from: 301 })).toEqual([]);
      }
      expect(await slot.store.log.read(createId<ConversationId>(), everything)).toEqual([]);
    });

    it('agrees with a simple model, whatever is sent in whatever groups', async () => {
      const people = [await addPerson(slot.store), await addPerson(slot.store), await addPerson(slot.store)];
      const [anna, ben, cleo] = people as [TestDevice, TestDevice, TestDevice];
      const conversations = [
        await addConversation(slot.store, anna, ben),
        await addConversation(slot.store, ben, cleo),
      ];
      const ids = Array.from({ length: 60 }, () => createId<MessageId>());
      const send = fc.record({ person: fc.nat(2), conversation: fc.nat(1), id: fc.nat(59) });
      const model = conversations.map(() => [] as { id: MessageId; user: string }[]);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(send, { minLength: 1, maxLength: 12 }), { maxLength: 6 }),
          async (groups) => {
            for (const group of groups) {
              const messages = group.map(({ person, conversation, id }) =>
                newMessage(people[person] as TestDevice, conversations[conversation] as ConversationId, {
                  id: ids[id] as MessageId,
                }),
              );
              const outcomes = await slot.store.log.append(messages, 1);
              for (const [index, { person, conversation, id: idIndex }] of group.entries()) {
                const { user } = people[person] as TestDevice;
                const id = ids[idIndex] as MessageId;
                const log = model[conversation] ?? [];
                const isMember = person === 1 || person === conversation * 2;
                const at = log.findIndex((entry) => entry.id === id);
                const expected = !isMember
                  ? { state: 'refused', code: 'not_found' }
                  : at < 0
                    ? { state: 'accepted', seq: log.push({ id, user }) }
                    : log[at]?.user === user
                      ? { state: 'repeated', seq: at + 1 }
                      : { state: 'refused', code: 'message_id_taken' };
                expect(outcomes[index]).toMatchObject(expected);
              }
            }
          },
        ),
        { numRuns: 40 },
      );
      for (const [index, conversation] of conversations.entries()) {
        const stored = await slot.store.log.read(conversation, everything);
        expect(stored.map(({ id, user }) => ({ id, user }))).toEqual(model[index]);
      }
    });
  });
}
