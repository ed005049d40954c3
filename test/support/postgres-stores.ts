/** Stores on a PostgreSQL of the test's own: as many relays' as a test wants, on one database. */
import { onTestFinished } from 'vitest';
import type { ConversationId } from '../../protocol/index.ts';
import {
  openPostgresStore,
  type PostgresStore,
  type PostgresStoreOptions,
} from '../../signaling-server/adapters/postgres/postgres-store.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import type { Store } from '../../signaling-server/ports/store.ts';
import { addConversation, addPerson, silentLog, type TestDevice } from './relay-core.ts';

/** Closed when the test is over. */
export async function openStore(url: string, more: Partial<PostgresStoreOptions> = {}): Promise<PostgresStore> {
  const store = await openPostgresStore({ url, clock: Date.now, log: silentLog, metrics: silentMetrics, ...more });
  onTestFinished(() => store.close());
  return store;
}

/** The same database by way of another port. */
export function atPort(url: string, port: number): string {
  const moved = new URL(url);
  moved.port = String(port);
  return moved.href;
}

export interface Pair {
  readonly anna: TestDevice;
  readonly ben: TestDevice;
  readonly conversation: ConversationId;
}

export async function addPair(store: Store): Promise<Pair> {
  const [anna, ben] = [await addPerson(store), await addPerson(store)];
  return { anna, ben, conversation: await addConversation(store, anna, ben) };
}

/** All of a conversation's log. */
export function readLog(store: Store, conversation: ConversationId) {
  return store.log.read(conversation, { from: 1, to: Number.MAX_SAFE_INTEGER, limit: 100_000, maxBytes: 1e9 });
}
