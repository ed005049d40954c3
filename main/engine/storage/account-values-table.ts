/** What the devices of the account agree on, by name; and what was changed here and waits to be told to them. */
import type { AccountContent, MessageId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

type NamedValue = AccountContent['values'][number];

/** A value as the log of the conversation with oneself has it. */
export interface AgreedValue extends NamedValue {
  readonly seq: number;
  readonly message: MessageId;
}

/** A change made here that no message carries. `refused`: how often the relay did not take a message with it. */
export interface UnsentChange extends NamedValue {
  readonly refused: number;
}

export interface AccountValuesTable {
  /** JSON of what stands here: a change that waits, else what the log says. Null for none. */
  get(name: string): string | null;
  /** Names that begin so, of values that stand here. */
  names(prefix: string): string[];
  /** Takes a value from the log; one from before what is known changes nothing. */
  learn(value: AgreedValue): void;
  agreed(): AgreedValue[];
  /** A change made here; it stands in place of an earlier one that waits. */
  change(name: string, value: string | null): void;
  unsent(): UnsentChange[];
  /** The message carries these changes from now on, as they are. */
  carry(names: readonly string[], message: MessageId): void;
  /** Messages that carry changes. */
  carriers(): MessageId[];
  /** The message is in the log: what it carried is no change any more. @returns the names. */
  settle(message: MessageId): string[];
  /** No message carries these changes any more; if it was refused, that is counted. */
  release(message: MessageId, refused: boolean): void;
  /** Those that were refused alone may be tried once more. */
  forgive(): void;
  /** Nothing waits to be told any more. */
  forgetChanges(): void;
  /** The log lost this value: it becomes a change, unless there is one. */
  sayAgain(name: string): void;
}

export function createAccountValuesTable(database: Database): AccountValuesTable {
  const select = database
    .prepare<{ name: string }, string | null>(
      `SELECT value FROM account_changes WHERE name = $name
      UNION ALL SELECT value FROM account_values
        WHERE name = $name AND NOT EXISTS (SELECT 1 FROM account_changes WHERE name = $name)`,
    )
    .pluck();
  const selectNames = database
    .prepare<{ prefix: string }, string>(
      `SELECT name FROM account_changes WHERE substr(name, 1, length($prefix)) = $prefix
      UNION SELECT name FROM account_values WHERE substr(name, 1, length($prefix)) = $prefix`,
    )
    .pluck();
  const selectAgreed = database.prepare<[], AgreedValue>('SELECT name, value, seq, message FROM account_values');
  const upsertAgreed = database.prepare<[string, string | null, number, string]>(`
    INSERT INTO account_values (name, value, seq, message) VALUES (?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, seq = excluded.seq, message = excluded.message
      WHERE excluded.seq >= seq`);
  const upsertChange = database.prepare<[string, string | null]>(`
    INSERT INTO account_changes (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, message = NULL, refused = 0`);
  const selectUnsent = database.prepare<[], UnsentChange>(
    'SELECT name, value, refused FROM account_changes WHERE message IS NULL ORDER BY name',
  );
  const setMessage = database.prepare<[string, string]>('UPDATE account_changes SET message = ? WHERE name = ?');
  const selectCarriers = database
    .prepare<[], MessageId>('SELECT DISTINCT message FROM account_changes WHERE message IS NOT NULL')
    .pluck();
  const deleteCarried = database
    .prepare<[string], string>('DELETE FROM account_changes WHERE message = ? RETURNING name')
    .pluck();
  const letGo = database.prepare<[number, string]>(
    'UPDATE account_changes SET message = NULL, refused = refused + ? WHERE message = ?',
  );
  const allowAgain = database.prepare<[]>('UPDATE account_changes SET refused = 1 WHERE refused > 1');
  const deleteChanges = database.prepare<[]>('DELETE FROM account_changes');
  const copyBack = database.prepare<[string]>(`
    INSERT INTO account_changes (name, value) SELECT name, value FROM account_values WHERE name = ? ON CONFLICT DO NOTHING`);
  const deleteAgreed = database.prepare<[string]>('DELETE FROM account_values WHERE name = ?');

  return {
    get: (name) => select.get({ name }) ?? null,
    names: (prefix) => selectNames.all({ prefix }),
    learn: ({ name, value, seq, message }) => void upsertAgreed.run(name, value, seq, message),
    agreed: () => selectAgreed.all(),
    change: (name, value) => void upsertChange.run(name, value),
    unsent: () => selectUnsent.all(),
    carry(names, message) {
      for (const name of names) setMessage.run(message, name);
    },
    carriers: () => selectCarriers.all(),
    settle: (message) => deleteCarried.all(message),
    release: (message, refused) => void letGo.run(refused ? 1 : 0, message),
    forgive: () => void allowAgain.run(),
    forgetChanges: () => void deleteChanges.run(),
    sayAgain(name) {
      copyBack.run(name);
      deleteAgreed.run(name);
    },
  };
}
