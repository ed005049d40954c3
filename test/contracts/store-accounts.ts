/** The contract of accounts. */
import { describe, expect, it } from 'vitest';
import { createId, type UserId } from '../../protocol/index.ts';
import type { NewAccount } from '../../signaling-server/ports/store.ts';
import type { StoreSlot } from './store-contract.ts';

export function newAccount(username: string, more: Partial<NewAccount> = {}): NewAccount {
  const id = createId<UserId>();
  return {
    id,
    username,
    displayName: `Name of ${username}`,
    email: null,
    phone: null,
    passwordHash: '$argon2id$x',
    createdAt: 1_000,
    ...more,
  };
}

export function accountsContract(slot: StoreSlot): void {
  describe('accounts', () => {
    it('are found by username and by id, with all that was given, also after a restart', async () => {
      const account = newAccount('anna', { email: 'anna@example.org', phone: '+491234567' });
      await slot.store.accounts.create(account);
      await slot.reopen();
      const { inviteHash: _, ...stored } = { ...account, disabled: false };
      expect(await slot.store.accounts.byUsername('anna')).toEqual(stored);
      expect(await slot.store.accounts.byId(account.id)).toEqual(stored);
      expect(await slot.store.accounts.byUsername('nobody')).toBeNull();
      expect(await slot.store.accounts.byId(createId<UserId>())).toBeNull();
    });

    it('are unique in username, e-mail and phone, and say which field is at fault', async () => {
      const { accounts } = slot.store;
      await accounts.create(newAccount('anna', { email: 'a@example.org', phone: '12345' }));
      await expect(accounts.create(newAccount('anna'))).rejects.toMatchObject({
        code: 'username_taken',
        field: 'username',
      });
      await expect(accounts.create(newAccount('b1', { email: 'a@example.org' }))).rejects.toMatchObject({
        code: 'email_taken',
        field: 'email',
      });
      await expect(accounts.create(newAccount('b2', { phone: '12345' }))).rejects.toMatchObject({
        code: 'phone_taken',
        field: 'phone',
      });
      expect(await accounts.byUsername('b1')).toBeNull();
      await accounts.create(newAccount('c1'));
      await accounts.create(newAccount('c2'));
    });

    it('change only in the fields given, and refuse what is taken', async () => {
      const { accounts } = slot.store;
      const anna = newAccount('anna', { email: 'a@example.org' });
      const ben = newAccount('ben');
      await accounts.create(anna);
      await accounts.create(ben);
      const changed = await accounts.update(ben.id, { displayName: 'Benjamin', email: undefined });
      expect(changed).toMatchObject({ displayName: 'Benjamin', username: 'ben', email: null, disabled: false });
      expect(await accounts.byId(ben.id)).toEqual(changed);
      await expect(accounts.update(ben.id, { email: 'a@example.org' })).rejects.toMatchObject({ code: 'email_taken' });
      expect(await accounts.byId(ben.id)).toEqual(changed);
      await accounts.update(anna.id, { email: null });
      expect(await accounts.update(ben.id, { email: 'a@example.org', disabled: true })).toMatchObject({
        email: 'a@example.org',
        disabled: true,
      });
      await expect(accounts.update(createId<UserId>(), { displayName: 'x' })).rejects.toMatchObject({
        code: 'not_found',
      });
    });

    it('give profiles in the order asked, without unknown and repeated ids', async () => {
      const [anna, ben] = [newAccount('anna'), newAccount('ben')];
      await slot.store.accounts.create(anna);
      await slot.store.accounts.create(ben);
      const profiles = await slot.store.accounts.profiles([ben.id, createId<UserId>(), anna.id, ben.id]);
      const profile = ({ id, username, displayName }: NewAccount) => ({ id, username, displayName });
      expect(profiles).toEqual([profile(ben), profile(anna)]);
    });

    it('are searched by the beginning of the username or of any word of the display name, in any case', async () => {
      const { accounts } = slot.store;
      const names = [
        ['zoe', 'Ångström Müller'],
        ['adam', 'Éva-Marie STRAẞE'],
        ['mueller', 'Somebody Else'],
        ['quiet', 'Müller gone'],
      ] as const;
      for (const [username, displayName] of names) await accounts.create(newAccount(username, { displayName }));
      const quiet = await accounts.byUsername('quiet');
      await accounts.update(quiet?.id ?? createId<UserId>(), { disabled: true });
      const found = async (prefix: string, limit = 10) =>
        (await accounts.search(prefix, limit)).map(({ username }) => username);
      expect(await found('MÜ')).toEqual(['zoe']);
      expect(await found('m')).toEqual(['adam', 'mueller', 'zoe']);
      expect(await found('m', 2)).toEqual(['adam', 'mueller']);
      expect(await found('marie str')).toEqual(['adam']);
      expect(await found('strasse')).toEqual(['adam']);
      expect(await found('üller')).toEqual([]);
      expect(await found('%')).toEqual([]);
      expect(await found('_')).toEqual([]);
      await accounts.update((await accounts.byUsername('zoe'))?.id ?? createId<UserId>(), { displayName: 'New' });
      expect(await found('mü')).toEqual([]);
      expect(await found('NEW')).toEqual(['zoe']);
    });

    it('are listed by username, a page at a time', async () => {
      const { accounts } = slot.store;
      for (const username of ['cat', 'ant', 'bee']) await accounts.create(newAccount(username));
      const names = async (after: string | null, limit: number) =>
        (await accounts.list(after, limit)).map(({ username }) => username);
      expect(await names(null, 2)).toEqual(['ant', 'bee']);
      expect(await names('bee', 2)).toEqual(['cat']);
      expect(await names('cat', 2)).toEqual([]);
    });
  });
}
