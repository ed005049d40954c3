/** The contract of chains: checkpoints that stay, and the last word of each device. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createId, type ConversationId } from '../../protocol/index.ts';
import type { Attestation } from '../../signaling-server/ports/store.ts';
import { addConversation, addDevice, addPerson, type TestDevice } from '../support/relay-core.ts';
import type { StoreSlot } from './store-contract.ts';

const link = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const plain = <T extends { link: Uint8Array }>(entries: readonly T[]) =>
  entries.map((entry) => ({ ...entry, link: entry.link[0] }));

export function chainsContract(slot: StoreSlot): void {
  describe('chains', () => {
    let anna: TestDevice;
    let ben: TestDevice;
    let conversation: ConversationId;
    beforeEach(async () => {
      anna = await addPerson(slot.store);
      ben = await addPerson(slot.store);
      conversation = await addConversation(slot.store, anna, ben);
    });

    const word = ({ user, device }: TestDevice, seq: number, fill = seq): Attestation => {
      return { conversation, user, device, seq, link: link(fill), at: 1_000 + seq };
    };
    const words = async () => plain(await slot.store.chains.attestations(conversation));

    it('give the newest checkpoint at or before a seq, also after a restart', async () => {
      await slot.store.chains.keep(conversation, [
        { seq: 256, link: link(1) },
        { seq: 512, link: link(2) },
      ]);
      await slot.reopen();
      const at = async (seq: number) => (await slot.store.chains.checkpoint(conversation, seq))?.seq ?? null;
      expect([await at(255), await at(256), await at(511), await at(512), await at(9_999)]).toEqual([
        null,
        256,
        256,
        512,
        512,
      ]);
      expect((await slot.store.chains.checkpoint(conversation, 512))?.link).toEqual(Buffer.from(link(2)));
    });

    it('keep a checkpoint as it was first computed', async () => {
      await slot.store.chains.keep(conversation, [{ seq: 256, link: link(1) }]);
      await slot.store.chains.keep(conversation, [
        { seq: 256, link: link(9) },
        { seq: 512, link: link(2) },
      ]);
      expect(plain(await slot.store.chains.checkpoints(conversation, 0, 10))).toEqual([
        { seq: 256, link: 1 },
        { seq: 512, link: 2 },
      ]);
    });

    it('give checkpoints in pages, and those of each conversation alone', async () => {
      const other = await addConversation(slot.store, anna, anna);
      const all = [1, 2, 3].map((index) => ({ seq: index * 256, link: link(index) }));
      await slot.store.chains.keep(conversation, all);
      await slot.store.chains.keep(other, [{ seq: 256, link: link(7) }]);
      expect(plain(await slot.store.chains.checkpoints(conversation, 256, 1))).toEqual([{ seq: 512, link: 2 }]);
      expect(plain(await slot.store.chains.checkpoints(other, 0, 9))).toEqual([{ seq: 256, link: 7 }]);
      const nowhere = createId<ConversationId>();
      await slot.store.chains.keep(nowhere, all);
      expect(await slot.store.chains.checkpoints(nowhere, 0, 9)).toEqual([]);
      expect(await slot.store.chains.checkpoint(nowhere, 999)).toBeNull();
    });

    it('keep the last word of each device of the members, also an earlier seq, and after a restart', async () => {
      const tablet = await addDevice(slot.store, ben.profile);
      await slot.store.chains.attest([word(anna, 3), word(ben, 4), word(tablet, 5), word(anna, 2)]);
      await slot.store.chains.attest([word(ben, 6)]);
      await slot.reopen();
      expect(await words()).toEqual([
        { ...word(anna, 2), link: 2 },
        { ...word(ben, 6), link: 6 },
        { ...word(tablet, 5), link: 5 },
      ]);
    });

    it('leave out the word of who is no member, and of devices whose session has ended', async () => {
      const stranger = await addPerson(slot.store);
      const elsewhere = { ...word(anna, 1), conversation: createId<ConversationId>() };
      await slot.store.chains.attest([word(stranger, 1), elsewhere, word(anna, 1), word(ben, 1)]);
      await slot.store.devices.revoke(ben.user, [ben.device]);
      expect(await words()).toEqual([{ ...word(anna, 1), link: 1 }]);
    });
  });
}
