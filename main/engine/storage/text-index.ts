/** The full-text index over what messages say, kept in the transaction that changes them. */
import type { Database } from './database.ts';

export interface TextIndex {
  /** @param before and @param after what the message says; null for nothing. */
  replace(rowid: number, before: string | null, after: string | null): void;
}

/** The index holds no texts of its own: to take one out it must be told what was put in. */
export function createTextIndex(database: Database): TextIndex {
  const insert = database.prepare<[number, string]>('INSERT INTO message_index (rowid, text) VALUES (?, ?)');
  const remove = database.prepare<[number, string]>(
    "INSERT INTO message_index (message_index, rowid, text) VALUES ('delete', ?, ?)",
  );
  return {
    replace(rowid, before, after) {
      if (before === after) return;
      if (before !== null) remove.run(rowid, before);
      if (after !== null) insert.run(rowid, after);
    },
  };
}
