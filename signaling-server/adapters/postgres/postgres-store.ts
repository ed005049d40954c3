/** The store of a fleet: a database that speaks PostgreSQL's protocol, which any number of relays share. */
import type { RelayId } from '../../../protocol/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ColdCatalogue } from '../../ports/cold.ts';
import type { Log } from '../../ports/log.ts';
import type { RelayMetrics } from '../../ports/metrics.ts';
import type { Store } from '../../ports/store.ts';
import { createAccountStore } from './accounts.ts';
import { createBlobStore } from './blobs.ts';
import { createChainStore } from './chains.ts';
import { createColdCatalogue } from './cold-catalogue.ts';
import type { ConnectionOptions } from './connections.ts';
import { createConversationStore } from './conversations.ts';
import { openDatabase, type Database } from './database.ts';
import { createDeviceStore } from './devices.ts';
import type { Engine } from './engine.ts';
import { createInviteStore } from './invites.ts';
import { createLanes } from './lanes.ts';
import { createLogStore } from './log-store.ts';
import { createMembersCache } from './members-cache.ts';
import { schemaVersion } from './migrations.ts';
import { prepareDatabase } from './prepare-database.ts';

export interface PostgresStoreOptions extends Partial<Omit<ConnectionOptions, 'url'>> {
  /** `postgres://user:password@host:port/database`, with parameters such as `sslmode`. */
  readonly url: string;
  /** Acts that take longer are logged, by name. */
  readonly slowMs?: number;
  /** Takes the database for another engine, in these respects, than it says it is. */
  readonly engine?: Partial<Engine>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RelayMetrics;
}

export type PostgresStore = Store & {
  readonly cold: ColdCatalogue;
  readonly schemaVersion: number;
  readonly engine: Engine;
};

export const connectionDefaults = {
  applicationName: 'parley-relay',
  poolSize: 10,
  statementTimeoutMs: 10_000,
  connectTimeoutMs: 5_000,
  idleConnectionMs: 60_000,
} as const satisfies Omit<ConnectionOptions, 'url'>;

/**
 * Brings an empty or older database to this build's schema.
 * @throws ParleyError `unavailable` when the database cannot be reached (now); `storage_newer`; `storage_busy` for the
 * target of an unfinished migration; `storage_failed` when it refuses the relay, or is no relay's.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { clock, log, metrics, slowMs = 500, ...connection } = options;
  const settings = { ...connectionDefaults, ...withoutUndefined(connection), url: options.url };
  const { relayId, engine: found } = await prepareDatabase(settings, clock, log);
  const engine = { ...found, ...options.engine };
  log.info('database.opened', { engine: engine.name, version: schemaVersion });
  return buildStore(openDatabase({ ...settings, engine, slowMs, log, metrics }), relayId, metrics);
}

function buildStore(database: Database, relayId: RelayId, metrics: RelayMetrics): PostgresStore {
  const members = createMembersCache();
  return {
    relayId,
    engine: database.engine,
    schemaVersion,
    accounts: createAccountStore(database),
    devices: createDeviceStore(database),
    invites: createInviteStore(database),
    conversations: createConversationStore(database, members),
    log: createLogStore({ database, members, metrics }),
    blobs: createBlobStore(database),
    chains: createChainStore(database),
    cold: createColdCatalogue(database),
    lanes: createLanes(),
    async ping() {
      await database.direct({ name: 'ping', repeatable: true }, (connection) =>
        connection.rows({ name: 'ping', text: "SELECT 1 FROM meta WHERE key = 'schema_version'", values: [] }),
      );
    },
    close: () => database.close(),
  };
}

function withoutUndefined<T extends object>(settings: T): Partial<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>;
}
