/** What every store must do, sentence by sentence of `ports/store.ts`. A new adapter's test is a `setup` and a call. */
import { afterEach, beforeEach, describe } from 'vitest';
import type { Store } from '../../signaling-server/ports/store.ts';
import { accountsContract } from './store-accounts.ts';
import { blobsContract } from './store-blobs.ts';
import { chainsContract } from './store-chains.ts';
import { conversationsContract } from './store-conversations.ts';
import { devicesContract } from './store-devices.ts';
import { invitesContract } from './store-invites.ts';
import { logContract } from './store-log.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Opens the same data again, as after a restart. */
  reopen(): Promise<Store>;
  /** Closes what is open and removes the data. */
  dispose(): Promise<void>;
}

/** @param open the same data each time. @param clearAway runs once it is closed for good. */
export async function openUnderTest(open: () => Promise<Store>, clearAway = (): void => {}): Promise<StoreUnderTest> {
  let store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async dispose() {
      await store.close();
      clearAway();
    },
  };
}

/** The store as it is now: `reopen` puts another in its place. */
export interface StoreSlot {
  readonly store: Store;
  reopen(): Promise<void>;
}

export function runStoreContract(name: string, setup: () => Promise<StoreUnderTest>): void {
  describe(`the store contract: ${name}`, () => {
    let subject: StoreUnderTest;
    let store: Store;
    const slot: StoreSlot = {
      get store() {
        return store;
      },
      async reopen() {
        store = await subject.reopen();
      },
    };

    beforeEach(async () => {
      subject = await setup();
      store = subject.store;
    });
    afterEach(() => subject.dispose());

    accountsContract(slot);
    devicesContract(slot);
    invitesContract(slot);
    conversationsContract(slot);
    logContract(slot);
    blobsContract(slot);
    chainsContract(slot);
  });
}
