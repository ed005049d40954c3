/** Several relay nodes over one store, with a network between them that the test can spoil: real hubs, real sockets. */
import { rmSync } from 'node:fs';
import type { Clock } from '../../signaling-server/ports/clock.ts';
import type { RelaySettings } from '../../signaling-server/relay/settings.ts';
import { openSqliteStore, type SqliteStore } from '../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import type { Store } from '../../signaling-server/ports/store.ts';
import { createLinkedBuses, type LinkedBus, type LinkedBuses } from './linked-buses.ts';
import { silentLog, startRelayCore, temporaryDirectory, type RelayCore } from './relay-core.ts';

export interface FleetNode extends RelayCore {
  readonly bus: LinkedBus;
}

export interface RelayFleet {
  readonly store: SqliteStore;
  readonly nodes: readonly FleetNode[];
  readonly buses: LinkedBuses;
  stop(): Promise<void>;
}

interface FleetOptions {
  readonly clock?: Clock;
  readonly settings?: Partial<RelaySettings>;
  /** Puts something between a node and the store. */
  readonly wrapStore?: (store: SqliteStore, node: number) => Store;
}

export async function startRelayFleet(count: number, options: FleetOptions = {}): Promise<RelayFleet> {
  const { wrapStore, ...rest } = options;
  const dataDir = temporaryDirectory();
  const store = await openSqliteStore({ dataDir, clock: Date.now, log: silentLog, metrics: silentMetrics });
  const buses = createLinkedBuses(count, options.clock);
  const nodes = await Promise.all(
    buses.nodes.map(async (bus, index) => {
      const wrap = wrapStore ? { wrapStore: (own: SqliteStore) => wrapStore(own, index) } : {};
      return { ...(await startRelayCore({ ...rest, ...wrap, bus, store })), bus };
    }),
  );
  return {
    store,
    nodes,
    buses,
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
