/** The contract of invites. */
import { describe, expect, it } from 'vitest';
import type { StoredInvite } from '../../signaling-server/ports/store.ts';
import { hashOf } from '../support/relay-core.ts';
import { newAccount } from './store-accounts.ts';
import type { StoreSlot } from './store-contract.ts';

const invite: StoredInvite = { label: 'abcde', createdAt: 500, expiresAt: null, uses: 0, maxUses: 1, revoked: false };

export function invitesContract(slot: StoreSlot): void {
  async function redeem(username: string, code: string, createdAt = 1_000): Promise<string> {
    const account = newAccount(username, { inviteHash: hashOf(code), createdAt });
    return slot.store.accounts.create(account).then(
      () => 'created',
      (error: { code: string }) => error.code,
    );
  }

  describe('invites', () => {
    it('are redeemed in the commit that creates the account, as often as they allow', async () => {
      await slot.store.invites.create({ ...invite, maxUses: 2, hash: hashOf('code') });
      expect(await redeem('anna', 'code')).toBe('created');
      expect(await redeem('anna', 'code')).toBe('username_taken');
      expect((await slot.store.invites.list())[0]?.uses).toBe(1);
      expect(await redeem('ben', 'code')).toBe('created');
      expect(await redeem('cleo', 'code')).toBe('invite_invalid');
      expect(await slot.store.accounts.byUsername('cleo')).toBeNull();
      expect(await slot.store.invites.list()).toEqual([{ ...invite, maxUses: 2, uses: 2 }]);
    });

    it('are of no use when unknown, expired or revoked', async () => {
      const { invites } = slot.store;
      await invites.create({ ...invite, label: 'old', expiresAt: 900, hash: hashOf('old') });
      await invites.create({ ...invite, label: 'taken', hash: hashOf('taken') });
      expect(await invites.revoke('taken')).toBe(true);
      expect(await invites.revoke('taken')).toBe(false);
      expect(await invites.revoke('unknown')).toBe(false);
      for (const code of ['unknown', 'old', 'taken']) expect(await redeem(`user-${code}`, code)).toBe('invite_invalid');
      expect(await redeem('early', 'old', 899)).toBe('created');
    });
  });
}
