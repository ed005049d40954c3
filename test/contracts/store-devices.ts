/** The contract of devices. */
import { describe, expect, it } from 'vitest';
import { createId, type DeviceId, type UserId } from '../../protocol/index.ts';
import { addDevice, addPerson, hashOf } from '../support/relay-core.ts';
import type { StoreSlot } from './store-contract.ts';

export function devicesContract(slot: StoreSlot): void {
  describe('devices', () => {
    it('are found by their token and by their id, also after a restart', async () => {
      const anna = await addPerson(slot.store);
      await slot.reopen();
      const known = await slot.store.devices.byToken(hashOf(anna.token));
      expect(known).toMatchObject({
        device: { id: anna.device, user: anna.user, name: 'Test', platform: 'test', generation: 0 },
      });
      expect(known?.profile).toEqual(anna.profile);
      expect(await slot.store.devices.byId(anna.device)).toEqual(known?.device);
      expect(await slot.store.devices.byToken(hashOf('other'))).toBeNull();
      expect(await slot.store.devices.byId(createId<DeviceId>())).toBeNull();
    });

    it('have no session any more once revoked, and only their user revokes them', async () => {
      const { devices } = slot.store;
      const anna = await addPerson(slot.store);
      const tablet = await addDevice(slot.store, anna.profile);
      const ben = await addPerson(slot.store);
      expect(await devices.revoke(ben.user, [anna.device])).toEqual([]);
      expect(await devices.byToken(hashOf(anna.token))).not.toBeNull();
      expect(await devices.revoke(anna.user, [anna.device, createId<DeviceId>()])).toEqual([anna.device]);
      expect(await devices.revoke(anna.user, [anna.device])).toEqual([]);
      expect(await devices.byToken(hashOf(anna.token))).toBeNull();
      expect((await devices.listOf(anna.user)).map(({ id }) => id)).toEqual([tablet.device]);
      expect(await devices.byToken(hashOf(tablet.token))).not.toBeNull();
    });

    it('stand until they are revoked or their account is disabled', async () => {
      const { devices } = slot.store;
      const anna = await addPerson(slot.store);
      const tablet = await addDevice(slot.store, anna.profile);
      const [ben, cleo] = [await addPerson(slot.store), await addPerson(slot.store)];
      await devices.revoke(anna.user, [anna.device]);
      await slot.store.accounts.update(cleo.user, { disabled: true });
      const nobody = createId<UserId>();
      const asked = [anna.user, nobody, ben.user, cleo.user];
      const standing = await devices.standing(asked);
      expect(asked.map((user) => standing.get(user))).toEqual([[tablet.device], [], [ben.device], []]);
    });

    it('revoked to be erased are known by their token from then on, and others are not', async () => {
      const { devices } = slot.store;
      const anna = await addPerson(slot.store);
      const tablet = await addDevice(slot.store, anna.profile);
      const ben = await addPerson(slot.store);
      expect(await devices.revoke(ben.user, [anna.device], { erase: true })).toEqual([]);
      expect(await devices.isToErase(hashOf(anna.token))).toBe(false);
      expect(await devices.revoke(anna.user, [anna.device], { erase: true })).toEqual([anna.device]);
      expect(await devices.revoke(anna.user, [anna.device], { erase: true })).toEqual([]);
      expect(await devices.revoke(anna.user, [tablet.device])).toEqual([tablet.device]);
      await slot.reopen();
      const told = [anna.token, tablet.token, ben.token, 'unknown'].map((token) =>
        slot.store.devices.isToErase(hashOf(token)),
      );
      expect(await Promise.all(told)).toEqual([true, false, false, false]);
      expect(await slot.store.devices.byToken(hashOf(anna.token))).toBeNull();
    });

    it('of a disabled account have no session, and have it again when it is enabled', async () => {
      const anna = await addPerson(slot.store);
      await slot.store.accounts.update(anna.user, { disabled: true });
      expect(await slot.store.devices.byToken(hashOf(anna.token))).toBeNull();
      await slot.store.accounts.update(anna.user, { disabled: false });
      expect(await slot.store.devices.byToken(hashOf(anna.token))).not.toBeNull();
    });

    it('remember when they were last seen, never an earlier time than before', async () => {
      const { devices } = slot.store;
      const anna = await addPerson(slot.store);
      const tablet = await addDevice(slot.store, anna.profile);
      const later = Date.now() + 60_000;
      await devices.touch([{ device: anna.device, user: anna.user, at: later }]);
      await devices.touch([
        { device: anna.device, user: anna.user, at: later - 30_000 },
        { device: tablet.device, user: anna.user, at: later - 20_000 },
      ]);
      expect((await devices.byId(anna.device))?.lastActiveAt).toBe(later);
      expect((await devices.byId(tablet.device))?.lastActiveAt).toBe(later - 20_000);
      expect(await devices.lastActive([anna.user, createId<UserId>()])).toEqual(new Map([[anna.user, later]]));
      await devices.revoke(anna.user, [anna.device]);
      expect(await devices.lastActive([anna.user])).toEqual(new Map([[anna.user, later]]));
    });

    it('keep the greatest generation that they presented', async () => {
      const anna = await addPerson(slot.store);
      const { devices } = slot.store;
      expect(await devices.raiseGeneration(anna.device, 3)).toBe(3);
      expect(await devices.raiseGeneration(anna.device, 2)).toBe(3);
      expect((await devices.byId(anna.device))?.generation).toBe(3);
    });
  });
}
