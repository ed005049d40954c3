/** Finds people on the relay: the exact username first, then names that begin so. */
import type { PersonView } from '../../../bridge/views.ts';
import { ParleyError, usernameSchema, type Profile, type UserId } from '../../../protocol/index.ts';
import type { SessionApi } from '../connection/relay-api.ts';

const prefixResults = 20;

/** Where the admin turned the directory off only exact usernames are found. */
export async function searchPeople(api: SessionApi, self: UserId, query: string): Promise<PersonView[]> {
  const name = usernameSchema.safeParse(query.replace(/^@/, ''));
  const [exact, others] = await Promise.all([
    name.success ? api.userByName(name.data) : null,
    searchDirectory(api, query.replace(/^@/, '')),
  ]);
  const found = new Map<UserId, Profile>();
  for (const profile of exact ? [exact, ...others] : others) if (profile.id !== self) found.set(profile.id, profile);
  return [...found.values()].map(({ id, username, displayName }) => ({ id, username, displayName }));
}

async function searchDirectory(api: SessionApi, prefix: string): Promise<Profile[]> {
  if (prefix === '') return [];
  try {
    return await api.searchUsers(prefix, prefixResults);
  } catch (error) {
    if (error instanceof ParleyError && error.code === 'directory_off') return [];
    throw error;
  }
}
