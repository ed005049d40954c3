/** Accounts behind a cache: names go with every list of conversations. */
import type { Profile, UserId } from '../../../protocol/index.ts';
import type { AccountStore } from '../../ports/store.ts';
import type { CacheParts } from './cached-store.ts';

export function createCachedAccounts(accounts: AccountStore, parts: CacheParts): AccountStore {
  const { staleness, profiles, forget } = parts;

  async function read(users: readonly UserId[]): Promise<Profile[]> {
    const { moment } = staleness;
    try {
      const found = await accounts.profiles(users);
      for (const profile of found) profiles.keep(profile.id, profile, moment);
      return found;
    } catch (error) {
      const old = users.flatMap((user) => profiles.findAway(user, error) ?? []);
      if (old.length < users.length) throw error;
      return old;
    }
  }

  return {
    ...accounts,
    async update(user, changes) {
      try {
        return await accounts.update(user, changes);
      } finally {
        // Even if it failed: it may have been carried out all the same.
        forget({ user });
      }
    },
    async profiles(users) {
      const found = new Map<UserId, Profile>();
      const missing: UserId[] = [];
      for (const user of new Set(users)) {
        const known = profiles.find(user);
        if (known) found.set(user, known);
        else missing.push(user);
      }
      if (missing.length > 0) for (const profile of await read(missing)) found.set(profile.id, profile);
      return [...new Set(users)].flatMap((user) => found.get(user) ?? []);
    },
  };
}
