/** Opens the history of an account; a damaged one is set aside first, and what only it had is carried over. */
import { copyFileSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FaultView } from '../../../bridge/views.ts';
import type { Profile } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import { copyPath } from '../safekeeping/history-copy.ts';
import { putBack, removeDatabase, restore, salvage, setAside, type Salvage } from '../storage/damage.ts';
import { storageErrorFrom, storageFaultOf } from '../storage/faults.ts';
import { markRestored } from '../storage/restored-mark.ts';
import { salvageHistory } from '../storage/salvage-history.ts';
import { openStore, type Store } from '../storage/store.ts';
import { damagedNotice } from './session.ts';

export interface OpenedHistory {
  readonly store: Store;
  /** What the person is to be told when the old file was damaged. */
  readonly notice: FaultView | null;
}

/** In the folder of the account. */
export const historyFileName = 'parley.db';

/** @throws ParleyError `storage_busy`, `storage_newer`, `storage_failed`. */
export function openHistory(folder: string, self: () => Profile, clock: Clock): OpenedHistory {
  const file = join(folder, historyFileName);
  try {
    return { store: openChecked(file, self), notice: null };
  } catch (error) {
    if (storageFaultOf(error) !== 'damaged') throw error;
    return rebuildHistory(folder, self, clock);
  }
}

/**
 * Sets the present file aside, whatever its state. It must be closed. The copy takes its place where there is a sound one;
 * else what can be read of the old file. The relay sends what is missing.
 */
export function rebuildHistory(folder: string, self: () => Profile, clock: Clock): OpenedHistory {
  const file = join(folder, historyFileName);
  const aside = setAside(file, clock.now());
  const saved = salvage(aside);
  try {
    const store = openCopy(folder, file, self) ?? openSalvaged(aside, file, self);
    keepSaved(store, saved, clock);
    return { store, notice: damagedNotice(basename(aside), saved.complete) };
  } catch (error) {
    putBack(file, aside);
    throw error;
  }
}

/** Null when there is no copy, or none that can be used. */
function openCopy(folder: string, file: string, self: () => Profile): Store | null {
  if (!existsSync(copyPath(folder))) return null;
  copyFileSync(copyPath(folder), file);
  try {
    return openChecked(file, self);
  } catch (error) {
    if (storageFaultOf(error) !== 'damaged') throw error;
    removeDatabase(file);
    return null;
  }
}

function openSalvaged(aside: string, file: string, self: () => Profile): Store {
  salvageHistory(aside, file);
  return openStore(file, self);
}

/** What the copy says of waiting messages is older than what was read out of the damaged file itself. */
function keepSaved(store: Store, saved: Salvage, clock: Clock): void {
  try {
    store.transact(() => {
      markRestored(store.state, clock.now());
      if (saved.complete) for (const { id } of store.outbox.all()) store.outbox.remove(id);
    });
    restore(store, saved);
  } catch (error) {
    store.close();
    throw storageErrorFrom(error);
  }
}

/** Reads what every start needs, so that damage there shows now and not in the middle of a page. */
function openChecked(file: string, self: () => Profile): Store {
  const store = openStore(file, self);
  try {
    store.outbox.count();
    store.outbox.waitingConversations();
    store.conversationViews.page(null, 50);
    store.accountValues.names('');
    return store;
  } catch (error) {
    store.close();
    throw storageErrorFrom(error);
  }
}
