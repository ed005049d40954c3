/** Opens the history of an account; a damaged one is set aside first, and what only it had is carried over. */
import { basename, join } from 'node:path';
import type { FaultView } from '../../../bridge/views.ts';
import type { Profile } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import { putBack, restore, salvage, setAside, type Salvage } from '../storage/damage.ts';
import { storageErrorFrom, storageFaultOf } from '../storage/faults.ts';
import { openStore, type Store } from '../storage/store.ts';
import { damagedNotice } from './session.ts';

export interface OpenedHistory {
  readonly store: Store;
  /** What the person is to be told when the old file was damaged. */
  readonly notice: FaultView | null;
}

const fileName = 'parley.db';

/** @throws ParleyError `storage_busy`, `storage_newer`, `storage_failed`. */
export function openHistory(folder: string, self: () => Profile, clock: Clock): OpenedHistory {
  const file = join(folder, fileName);
  try {
    return { store: openChecked(file, self), notice: null };
  } catch (error) {
    if (storageFaultOf(error) !== 'damaged') throw error;
    return rebuildHistory(folder, self, clock);
  }
}

/** Sets the present file aside, whatever its state. It must be closed. */
export function rebuildHistory(folder: string, self: () => Profile, clock: Clock): OpenedHistory {
  const file = join(folder, fileName);
  const aside = setAside(file, clock.now());
  const saved = salvage(aside);
  try {
    return { store: openRestored(file, self, saved), notice: damagedNotice(basename(aside), saved.complete) };
  } catch (error) {
    putBack(file, aside);
    throw error;
  }
}

function openRestored(file: string, self: () => Profile, saved: Salvage): Store {
  const store = openStore(file, self);
  try {
    restore(store, saved);
    return store;
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
    return store;
  } catch (error) {
    store.close();
    throw storageErrorFrom(error);
  }
}
