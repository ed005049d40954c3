/** The people this device has heard of, by id. */
import type { Profile, UserId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

export interface PeopleTable {
  /** @returns whether the person was unknown, is different now, or the same. */
  save(profile: Profile): 'new' | 'changed' | 'same';
  get(user: UserId): Profile | null;
  /** The integer that stands for a user in other tables; somebody unknown gets a place until the profile comes. */
  keyOf(user: UserId): number;
}

interface PersonRow {
  key: number;
  id: UserId;
  username: string;
  display_name: string;
}

/** Stands for somebody whose profile the relay has not told, such as a former member. */
const nobody = { username: '', displayName: 'Unknown person' };

export function createPeopleTable(database: Database): PeopleTable {
  const select = database.prepare<[string], PersonRow>('SELECT * FROM people WHERE id = ?');
  const insert = database.prepare<[string, string, string]>(
    'INSERT INTO people (id, username, display_name) VALUES (?, ?, ?)',
  );
  const update = database.prepare<[string, string, string]>(
    'UPDATE people SET username = ?, display_name = ? WHERE id = ?',
  );
  const keys = new Map<UserId, number>();

  return {
    save({ id, username, displayName }) {
      const row = select.get(id);
      if (row?.username === username && row.display_name === displayName) return 'same';
      if (row) update.run(username, displayName, id);
      else insert.run(id, username, displayName);
      return row ? 'changed' : 'new';
    },
    get(user) {
      const row = select.get(user);
      return row ? { id: row.id, username: row.username, displayName: row.display_name } : null;
    },
    keyOf(user) {
      const known = keys.get(user) ?? select.get(user)?.key;
      if (known !== undefined) {
        if (!database.inTransaction) keys.set(user, known);
        return known;
      }
      return Number(insert.run(user, nobody.username, nobody.displayName).lastInsertRowid);
    },
  };
}
