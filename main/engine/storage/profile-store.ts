/** What a profile remembers whoever is logged in: the account in use, and what the welcome screen fills in. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { accountSchema, deviceIdSchema, relayIdSchema, seqSchema } from '../../../protocol/index.ts';
import { closeQuietly, openDatabase, type Database } from './database.ts';
import { setAside } from './damage.ts';
import { storageErrorFrom, storageFaultOf } from './faults.ts';
import { profileMigrations } from './migrations.ts';
import { createStateTable } from './state-table.ts';

const accountRecordSchema = z.object({
  address: z.string(),
  relay: z.object({ id: relayIdSchema, name: z.string(), directory: z.boolean() }),
  account: accountSchema,
  device: deviceIdSchema,
  /** How often this device lost and rebuilt its state. */
  generation: seqSchema,
});
export type AccountRecord = z.infer<typeof accountRecordSchema>;

const signedOutSchema = z.object({
  reason: z.enum(['never', 'logged-out', 'revoked', 'erased', 'disabled']),
  address: z.string().nullable(),
  username: z.string().nullable(),
  waiting: z.number().int(),
});
export type SignedOut = z.infer<typeof signedOutSchema>;

export interface ProfileStore {
  /** Null while nobody is logged in. */
  account(): AccountRecord | null;
  signedOut(): SignedOut;
  signIn(record: AccountRecord): void;
  update(record: AccountRecord): void;
  /**
   * Holds from now on even where it cannot be written: it throws then, and `save` is to be tried again.
   * @param erase name of the account's folder, where that is to be erased.
   */
  signOut(state: SignedOut, erase?: string | null): void;
  /** The folder that is being erased; null once it is. Survives the end of the process. */
  erasing(): string | null;
  erased(): void;
  /** Writes what could not be written. */
  save(): void;
  close(): void;
}

const never: SignedOut = { reason: 'never', address: null, username: null, waiting: 0 };

/** Holds the lock of the profile while it is open. @throws ParleyError as `openDatabase`. */
export function openProfileStore(dataDir: string, now: () => number): ProfileStore {
  const file = join(dataDir, 'profile.db');
  const database = openOrReplace(file, now);
  const state = createStateTable(database);
  /** Read for every message, so it is kept at hand; written through. */
  let account = state.get('account', accountRecordSchema);

  let signedOut = state.get('signed-out', signedOutSchema) ?? never;
  let erasing = state.get('erasing', z.string());

  function keep(record: AccountRecord): void {
    state.set('account', record);
    account = record;
  }

  function save(): void {
    database.transaction(() => {
      state.set('signed-out', signedOut);
      if (account) state.set('account', account);
      else state.remove('account');
      if (erasing === null) state.remove('erasing');
      else state.set('erasing', erasing);
    })();
  }

  return {
    account: () => account,
    signedOut: () => signedOut,
    signIn: keep,
    update: keep,
    signOut(left, erase = null) {
      account = null;
      signedOut = left;
      erasing = erase ?? erasing;
      save();
    },
    erasing: () => erasing,
    erased() {
      erasing = null;
      save();
    },
    save,
    close: () => closeQuietly(database),
  };
}

/** A damaged profile file holds nothing that cannot be typed again: it is set aside and a new one begun. */
function openOrReplace(file: string, now: () => number): Database {
  try {
    return openChecked(file);
  } catch (error) {
    if (storageFaultOf(error) !== 'damaged') throw error;
    const aside = setAside(file, now());
    renameSync(aside, aside.replace('parley-damaged', 'profile-damaged'));
    return openChecked(file);
  }
}

function openChecked(file: string): Database {
  const database = openDatabase({ file, migrations: profileMigrations });
  try {
    database.prepare('SELECT count(*) FROM state').get();
    return database;
  } catch (error) {
    closeQuietly(database);
    throw storageErrorFrom(error);
  }
}
