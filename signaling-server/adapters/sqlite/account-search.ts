/** Finds accounts by the beginning of a username or of a word of a display name, through indexes alone. */
import type { Database } from 'better-sqlite3';
import type { Profile, UserId } from '../../../protocol/index.ts';
import { idFromBytes } from './ids.ts';
import { afterPrefix, foldName } from '../name-words.ts';

interface FoundRow {
  readonly public_id: Buffer;
  readonly username: string;
  readonly display_name: string;
}

/** Words looked at for one search: where a prefix fits more people than this, it says too little to be worth more. */
const maxWords = 2_000;

export function createAccountSearch(db: Database) {
  const find = db.prepare<{ from: string; to: string; limit: number; maxWords: number }, FoundRow>(
    `SELECT public_id, username, display_name FROM users
     WHERE disabled = 0 AND id IN (
       SELECT id FROM (SELECT id FROM users WHERE username >= @from AND username < @to AND disabled = 0 ORDER BY username LIMIT @limit)
       UNION
       SELECT user FROM (SELECT user FROM user_words WHERE word >= @from AND word < @to LIMIT @maxWords)
     ) ORDER BY username LIMIT @limit`,
  );

  return async (prefix: string, limit: number): Promise<Profile[]> => {
    const from = foldName(prefix);
    if (from === '') return [];
    return find.all({ from, to: afterPrefix(from), limit, maxWords }).map((row) => {
      return { id: idFromBytes<UserId>(row.public_id), username: row.username, displayName: row.display_name };
    });
  };
}
