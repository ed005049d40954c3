/** What accounts are found by: the username and the words of the display name, for as long as the account is enabled. */
import { sql, type Kysely } from 'kysely';
import type { Profile, UserId } from '../../../protocol/index.ts';
import type { AccountStore } from '../../ports/store.ts';
import { afterPrefix, foldName, nameWords } from '../name-words.ts';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';

export interface IndexedWord {
  /** Its first character, by which the index is spread. */
  readonly initial: string;
  readonly ofUsername: boolean;
  /** In UTF-8. */
  readonly word: Buffer;
}

/** The rows of `name_words` that an enabled account has. */
export function wordsOf({ username, displayName }: Pick<Profile, 'username' | 'displayName'>): IndexedWord[] {
  return [toWord(username, true), ...nameWords(displayName).map((word) => toWord(word, false))];
}

function toWord(word: string, ofUsername: boolean): IndexedWord {
  return { initial: initialOf(word), ofUsername, word: Buffer.from(word) };
}

function initialOf(word: string): string {
  return String.fromCodePoint(word.codePointAt(0) ?? 0);
}

/** Inside the transaction that changes the account. */
export async function addWords(db: Kysely<Tables>, user: UserId, profile: Omit<Profile, 'id'>): Promise<void> {
  const rows = wordsOf(profile).map(({ initial, ofUsername, word }) => {
    return { initial, of_username: ofUsername, word, user_id: user };
  });
  await db
    .insertInto('name_words')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Each by its full key: the words follow from the names. */
export async function removeWords(db: Kysely<Tables>, user: UserId, profile: Omit<Profile, 'id'>): Promise<void> {
  for (const { initial, ofUsername, word } of wordsOf(profile)) {
    await db
      .deleteFrom('name_words')
      .where('initial', '=', initial)
      .where('of_username', '=', ofUsername)
      .where('word', '=', word)
      .where('user_id', '=', user)
      .execute();
  }
}

/** Words looked at for one search: where a prefix fits more people than this, it says too little to be worth more. */
const maxWords = 2_000;

export function createAccountSearch(database: Database): AccountStore['search'] {
  return async (prefix, limit) => {
    const folded = foldName(prefix);
    if (folded === '') return [];
    const [initial, from, to] = [initialOf(folded), Buffer.from(folded), Buffer.from(afterPrefix(folded))];
    const found = await database.ask({ name: 'accounts.search', repeatable: true }, async (db) => {
      const { rows } = await sql<{ user_id: UserId; username: string; display_name: string }>`
        WITH found AS (
          (SELECT user_id FROM name_words
            WHERE initial = ${initial} AND of_username AND word >= ${from} AND word < ${to} ORDER BY word LIMIT ${limit})
          UNION
          (SELECT user_id FROM name_words
            WHERE initial = ${initial} AND NOT of_username AND word >= ${from} AND word < ${to} LIMIT ${maxWords})
        )
        SELECT user_id, username, display_name FROM users
        WHERE user_id IN (SELECT user_id FROM found) AND NOT disabled
        ORDER BY convert_to(username, 'UTF8') LIMIT ${limit}`.execute(db);
      return rows;
    });
    return found.map((row) => ({ id: row.user_id, username: row.username, displayName: row.display_name }));
  };
}
