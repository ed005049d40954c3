/** Watches whether storing works, and says so once when it stops and once when it works again. */
import type { FaultView } from '../../../bridge/views.ts';
import { ParleyError } from '../../../protocol/index.ts';
import { storageErrorFrom, storageFaultOf } from './faults.ts';
import type { Store } from './store.ts';

export interface StorageHealth {
  fault(): FaultView | null;
  /** Takes any error. @returns whether it was about storing. */
  report(error: unknown): boolean;
  /** Something was stored. */
  worked(): void;
}

interface HealthEvents {
  readonly onChanged: (fault: FaultView | null) => void;
  /** The database itself is broken: it has to be set aside. */
  readonly onDamaged: () => void;
}

export function createStorageHealth({ onChanged, onDamaged }: HealthEvents): StorageHealth {
  let current: FaultView | null = null;
  return {
    fault: () => current,
    report(error) {
      const kind = storageFaultOf(error);
      if (!kind) return false;
      if (kind === 'damaged') {
        onDamaged();
        return true;
      }
      const { code, message } = storageErrorFrom(rootOf(error)) as ParleyError;
      const isNew = current?.message !== message;
      current = { code, message };
      if (isNew) onChanged(current);
      return true;
    },
    worked() {
      if (!current) return;
      current = null;
      onChanged(null);
    },
  };
}

/** The same store, with every transaction telling how it went. */
export function watchStore(store: Store, health: StorageHealth): Store {
  return {
    ...store,
    transact(work, durable) {
      const result = store.transact(work, durable);
      health.worked();
      return result;
    },
  };
}

function rootOf(error: unknown): unknown {
  return error instanceof ParleyError && error.cause !== undefined ? error.cause : error;
}
