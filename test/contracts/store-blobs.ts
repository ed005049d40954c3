/** The contract of who holds which blob. */
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { blobIdSchema, createId, type BlobId, type ConversationId } from '../../protocol/index.ts';
import type { BlobHold, HoldLimits } from '../../signaling-server/ports/store.ts';
import { addConversation, addPerson, type TestDevice } from '../support/relay-core.ts';
import type { StoreSlot } from './store-contract.ts';

const noLimits: HoldLimits = { quotaBytes: null, uploads: 10 };

export function blobsContract(slot: StoreSlot): void {
  describe('blobs', () => {
    let anna: TestDevice;
    let ben: TestDevice;
    let cleo: TestDevice;
    let annaBen: ConversationId;
    let annaCleo: ConversationId;
    let benCleo: ConversationId;
    let blob: BlobId;

    beforeEach(async () => {
      const { store } = slot;
      [anna, ben, cleo] = [await addPerson(store), await addPerson(store), await addPerson(store)];
      annaBen = await addConversation(store, anna, ben);
      annaCleo = await addConversation(store, anna, cleo);
      benCleo = await addConversation(store, ben, cleo);
      blob = blobIdSchema.parse(randomBytes(32).toString('hex'));
    });

    const of = ({ user }: TestDevice, conversation: ConversationId, bytes = 100, at = 1_000): BlobHold => {
      return { user, conversation, blob, bytes, at };
    };
    const put = async (hold: BlobHold): Promise<void> => {
      await slot.store.blobs.begin(hold, noLimits);
      await slot.store.blobs.complete(hold, hold.at);
    };

    it('are held by a conversation once their upload is complete, and by no other', async () => {
      const { blobs } = slot.store;
      expect(await blobs.begin(of(anna, annaBen), noLimits)).toEqual({ state: 'held' });
      expect(await blobs.upload(of(anna, annaBen))).toEqual(of(anna, annaBen));
      expect(await blobs.sizeIn(annaBen, blob)).toBeNull();
      expect([await blobs.isUploading(anna.user, blob), await blobs.isUploading(ben.user, blob)]).toEqual([
        true,
        false,
      ]);
      expect(await blobs.complete(of(anna, annaBen), 2_000)).toEqual([annaBen]);
      expect(await blobs.isUploading(anna.user, blob)).toBe(false);
      await slot.reopen();
      const again = slot.store.blobs;
      expect(await again.sizeIn(annaBen, blob)).toBe(100);
      expect(await again.sizeIn(benCleo, blob)).toBeNull();
      expect(await again.sizeIn(createId(), blob)).toBeNull();
      expect(await again.upload(of(anna, annaBen))).toBeNull();
      expect(await again.isHeld(blob)).toBe(true);
    });

    it('are held by all conversations to which one upload was begun, but for those with another size', async () => {
      const { blobs } = slot.store;
      await blobs.begin(of(anna, annaBen), noLimits);
      await blobs.begin(of(anna, annaCleo, 99), noLimits);
      expect(await blobs.complete(of(anna, annaBen), 2_000)).toEqual([annaBen]);
      expect(await blobs.sizeIn(annaCleo, blob)).toBeNull();
      expect(await blobs.upload(of(anna, annaCleo))).toBeNull();
    });

    it('are shared by who may read them, and by nobody else', async () => {
      const { blobs } = slot.store;
      await put(of(anna, annaBen));
      expect(await blobs.share(of(cleo, annaCleo), noLimits)).toEqual({ state: 'not_found' });
      expect(await blobs.share(of(ben, benCleo), noLimits)).toEqual({ state: 'held' });
      expect(await blobs.sizeIn(benCleo, blob)).toBe(100);
      expect(await blobs.usedBy(ben.user)).toBe(100);
      expect(await blobs.share(of(cleo, annaCleo), noLimits)).toEqual({ state: 'held' });
    });

    it('are removable when the last hold is let go of, and only then', async () => {
      const { blobs } = slot.store;
      await put(of(anna, annaBen));
      await blobs.share(of(ben, benCleo), noLimits);
      expect(await blobs.release(of(ben, annaBen))).toBe(false);
      expect(await blobs.release(of(anna, annaBen))).toBe(true);
      expect(await blobs.release(of(anna, annaBen))).toBe(false);
      expect(await blobs.removable(10)).toEqual([]);
      expect(await blobs.release(of(ben, benCleo))).toBe(true);
      expect(await blobs.isHeld(blob)).toBe(false);
      await slot.reopen();
      expect(await slot.store.blobs.removable(10)).toEqual([blob]);
      await slot.store.blobs.settleRemoval(blob);
      expect(await slot.store.blobs.removable(10)).toEqual([]);
    });

    it('stay for a member who put them into the conversation too', async () => {
      const { blobs } = slot.store;
      await put(of(anna, annaBen));
      await blobs.share(of(ben, annaBen), noLimits);
      await blobs.release(of(anna, annaBen));
      expect(await blobs.sizeIn(annaBen, blob)).toBe(100);
    });

    it('count to the quota of who put them there, uploads under way included', async () => {
      const { blobs } = slot.store;
      const limits = { quotaBytes: 250, uploads: 10 };
      await blobs.begin(of(anna, annaBen), limits);
      await blobs.complete(of(anna, annaBen), 1_000);
      expect(await blobs.share(of(anna, annaCleo), limits)).toEqual({ state: 'held' });
      expect(await blobs.usedBy(anna.user)).toBe(200);
      blob = blobIdSchema.parse(randomBytes(32).toString('hex'));
      const refusal = await blobs.begin(of(anna, annaBen), limits);
      expect(refusal).toEqual({ state: 'over_quota', usedBytes: 200 });
      expect(await blobs.begin(of(anna, annaBen, 50), limits)).toEqual({ state: 'held' });
      expect(await blobs.begin(of(anna, annaBen, 50), limits)).toEqual({ state: 'held' });
      expect(await blobs.usedBy(anna.user)).toBe(250);
      expect(await blobs.usedBy(ben.user)).toBe(0);
    });

    it('can be begun so often and no oftener', async () => {
      const { blobs } = slot.store;
      const limits = { quotaBytes: null, uploads: 1 };
      await blobs.begin(of(anna, annaBen), limits);
      expect(await blobs.begin(of(anna, annaBen), limits)).toEqual({ state: 'held' });
      expect(await blobs.begin(of(anna, annaCleo), limits)).toEqual({ state: 'too_many_uploads' });
    });

    it('end as uploads one by one, and are removable then', async () => {
      const { blobs } = slot.store;
      await blobs.begin(of(anna, annaBen), noLimits);
      await blobs.begin(of(anna, annaCleo), noLimits);
      expect(await blobs.abandon(of(anna, annaBen))).toEqual({ last: false });
      expect(await blobs.abandon(of(anna, annaBen))).toBeNull();
      expect(await blobs.abandon(of(anna, annaCleo))).toEqual({ last: true });
      expect(await blobs.removable(10)).toEqual([blob]);
    });

    it('are listed by age, oldest first, holds and uploads apart', async () => {
      const { blobs } = slot.store;
      await put(of(anna, annaBen, 100, 1_000));
      await blobs.share({ ...of(anna, annaCleo), at: 3_000 }, noLimits);
      expect(await blobs.heldBefore(2_000, 10)).toEqual([of(anna, annaBen, 100, 1_000)]);
      expect((await blobs.heldBefore(9_000, 1)).map(({ conversation }) => conversation)).toEqual([annaBen]);
      await blobs.share({ ...of(anna, annaBen), at: 5_000 }, noLimits);
      expect(await blobs.heldBefore(2_000, 10)).toEqual([]);
      await blobs.begin(of(ben, benCleo, 100, 1_000), noLimits);
      expect(await blobs.uploadsBefore(2_000, 10)).toEqual([of(ben, benCleo, 100, 1_000)]);
      await blobs.touch(ben.user, blob, 4_000);
      expect(await blobs.uploadsBefore(2_000, 10)).toEqual([]);
    });
  });
}
