/** Puts a relay together from its parts, starts it, and stops it in order. */
import { ParleyError } from '../protocol/index.ts';
import { createAdminActs } from './admin/admin-acts.ts';
import type { AdminActs } from './admin/admin-contract.ts';
import { adminSocketPath } from './admin/admin-path.ts';
import { openAdminSocket } from './admin/admin-socket.ts';
import type { SqliteStore } from './adapters/sqlite/sqlite-store.ts';
import { createApp } from './app.ts';
import { createAddressMatcher } from './config/address-range.ts';
import { describeEngineUrl } from './config/engine-url.ts';
import { relaySettingsOf } from './config/relay-settings.ts';
import type { Config } from './config/settings-table.ts';
import { version } from './config/version.ts';
import { createDoorman } from './doorman.ts';
import { createEngineHealth, type Engine } from './engines/engine-health.ts';
import { openBlobs } from './engines/open-blobs.ts';
import { openCold } from './engines/open-cold.ts';
import { openBus } from './engines/open-bus.ts';
import { awaitStore } from './engines/open-store.ts';
import { createClientAddress } from './http/client-address.ts';
import type { HttpActs } from './http/http-deps.ts';
import { createPasswordHasher } from './http/passwords.ts';
import { createHttpLimits } from './http/rate-limits.ts';
import { createSocketRoute } from './http/socket-route.ts';
import { loadTlsFiles, type TlsFiles } from './http/tls-files.ts';
import { describeBytes, readDiskSpace } from './observe/disk-space.ts';
import { createIdleCollector } from './observe/idle-collector.ts';
import { createPrometheusMetrics } from './observe/prometheus-metrics.ts';
import type { Bus } from './ports/bus.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { RelayMetrics } from './ports/metrics.ts';
import type { Store } from './ports/store.ts';
import { createBlobActs } from './relay/blob-acts.ts';
import { createBlobParts } from './relay/blob-parts.ts';
import { createBlobSweep, startSweeping } from './relay/blob-sweeper.ts';
import { announceDevice, announceProfile, announceRevoked } from './relay/announce.ts';
import { openDirect } from './relay/open-direct.ts';
import { TransferSlots } from './relay/transfer-slots.ts';
import { createClosers, type Closers } from './runtime/closers.ts';
import { listen, type Listener } from './server.ts';
import { configureWebSocketServer } from './socket/configure-web-socket-server.ts';
import { createHub, type Hub } from './socket/hub.ts';

export interface Relay {
  /** Where it listens: `http://127.0.0.1:8080`. For the wildcard addresses, this machine's own name for itself. */
  readonly url: string;
  readonly port: number;
  readonly store: Store;
  /** The store with what only an embedded one can do; null when the database is PostgreSQL. */
  readonly embedded: SqliteStore | null;
  readonly bus: Bus;
  readonly hub: Hub;
  readonly admin: AdminActs;
  /** One turn of what a timer does: removes expired blobs and stale uploads. @returns whether there is more. */
  sweepBlobs(): Promise<boolean>;
  /** Reads certificate and key again. @throws ParleyError `unavailable`, and goes on with the present ones. */
  renewTls(): void;
  /** Takes no more, says goodbye to everybody, closes the database. Safe to call again. */
  stop(): Promise<void>;
}

interface RelayDeps {
  readonly config: Config;
  readonly log: Log;
  readonly clock?: Clock;
  readonly uptime?: Clock;
  /** Ends a start that waits for its database. */
  readonly signal?: AbortSignal;
}

/** Devices come back spread over this time, so that the next relay is not met by all at once. */
const comeBackWithinMs = 1_000;

/**
 * A database of `--store` that is not there yet is waited for: the port is open meanwhile and answers "not yet".
 * @throws ParleyError with one line for the admin when the relay cannot start; nothing is left open then.
 */
export async function startRelay(deps: RelayDeps): Promise<Relay> {
  const { config, log, clock = Date.now, uptime = () => performance.now() } = deps;
  const signal = deps.signal ?? new AbortController().signal;
  const tls = readTls(config, clock());
  assertRoom(config, log);
  const opened = createClosers(log);
  try {
    return await assemble({ config, log, clock, uptime, signal, tls, opened });
  } catch (error) {
    await opened.closeAll();
    throw error;
  }
}

interface StartParts extends Required<RelayDeps> {
  readonly tls: TlsFiles | null;
  readonly opened: Closers;
}

async function assemble(parts: StartParts): Promise<Relay> {
  const { config, clock, opened } = parts;
  // Whoever asks a node of a fleet hears that it waits; beside an embedded store there is nothing to wait for.
  const early = config.store === null ? null : await openPort(parts);
  const core = await openCore(parts);
  const port = early ?? (await openPort(parts));
  openDoors(parts, core, port);
  const admin = await openAdminDoor(parts, core, port.url);
  core.cold.start();
  return {
    port: port.listener.port,
    url: port.url,
    store: core.store,
    embedded: core.embedded,
    bus: core.bus,
    hub: core.hub,
    admin,
    sweepBlobs: core.sweepBlobs,
    renewTls() {
      const renewed = readTls(config, clock());
      if (renewed) port.listener.renewTls(renewed);
    },
    stop: () => opened.closeAll(),
  };
}

/** What a relay is without its doors: storage, bus, sockets' hub, and the acts that HTTP and admin share. */
async function openCore(parts: StartParts) {
  const { config, log, clock, uptime, signal, opened } = parts;
  const metrics = createPrometheusMetrics();
  const own = await awaitStore({ config, clock, log, metrics }, signal);
  opened.add('store', () => own.close(), 'in its own time');
  const bus = await openBus({ config, relayId: own.store.relayId, clock, log, metrics });
  opened.add('bus', () => bus.close());
  const cold = await openCold({ config, store: own.store, clock, log, metrics });
  opened.add('cold history', () => cold.close());
  const store = own.embedded !== null ? cold.store : await remember(cold.store, { config, bus, clock, metrics });
  const hub = createHub({ store, bus, clock, uptime, log, metrics, settings: relaySettingsOf(config, version) });
  const media = await openMedia(parts, { store, metrics });
  const passwords = createPasswordHasher({ maxWaiting: config.passwordQueue });
  metrics.gauge('parley_password_queue', 'Password checks that wait for their turn.', () => passwords.waiting);
  const acts: HttpActs = {
    openDirect: openDirect({ store, bus, clock }),
    announceProfile: (profile) => announceProfile(bus, profile),
    announceRevoked: (user, devices, how) => announceRevoked(bus, user, devices, how),
    announceDevice: (user) => announceDevice(bus, user),
  };
  return { metrics, store, embedded: own.embedded, cold, bus, hub, passwords, acts, ...media };
}

/** A store that is a network away is asked less often. */
async function remember(
  store: Store,
  { config, ...rest }: { config: Config; bus: Bus; clock: Clock; metrics: RelayMetrics },
): Promise<Store> {
  if (config.storeCacheMs === 0) return store;
  const { createCachedStore } = await import('./adapters/cache/cached-store.ts');
  return createCachedStore(store, { ...rest, lifeMs: config.storeCacheMs });
}

/** Blobs: where their bytes are, what may be done with them, and the sweep that keeps the place tidy. */
async function openMedia(
  { config, log, clock, opened }: StartParts,
  { store, metrics }: { store: Store; metrics: RelayMetrics },
) {
  const storage = await openBlobs({ config, clock, log, metrics });
  opened.add('blobs', () => storage.close());
  const parts = createBlobParts({ store, storage, clock, log, metrics, settings: config });
  const sweep = createBlobSweep(parts);
  if (!config.readOnly) {
    const sweeping = startSweeping(parts, sweep);
    opened.add('blob sweep', () => sweeping.stop());
  }
  const slots = new TransferSlots(config.transfersPerUser);
  return { storage, blobs: createBlobActs(parts), slots, sweepBlobs: sweep };
}

type Core = Awaited<ReturnType<typeof openCore>>;
type Port = Awaited<ReturnType<typeof openPort>>;

/** Opens the port, where the doorman answers until the relay is there. */
async function openPort({ config, tls, opened }: StartParts) {
  const doorman = createDoorman();
  const listener = await listen({
    ...config,
    app: doorman.app,
    onUpgrade: doorman.onUpgrade,
    tls,
    clientAddress: createClientAddress([]),
    isTrustedProxy: createAddressMatcher(config.trustedProxy),
  });
  opened.add('port', () => closePort(listener));
  return { doorman, listener, url: urlOf(config, listener.port) };
}

async function closePort(listener: Listener): Promise<void> {
  listener.stopAccepting();
  await listener.finish(0);
}

/** Lets people in. The closer is the relay's goodbye: no new connections, sockets sent home, requests finished. */
function openDoors({ config, log, clock, opened }: StartParts, core: Core, { doorman, listener }: Port): void {
  const { hub, metrics } = core;
  const state = { draining: false };
  const health = createEngineHealth(enginesOf(config, core), { log, metrics, everyMs: healthEveryMs(config) });
  opened.add('health', async () => health.stop());
  const ready = async (): Promise<readonly string[]> => {
    if (state.draining) throw new ParleyError('going_away', { message: 'The relay is stopping.' });
    return health.check();
  };
  const clientAddress = createClientAddress(config.trustedProxy);
  const limits = createHttpLimits(config);
  const app = createApp({ ...core, limits, clientAddress, now: clock, log, version, config, ready });
  const collector = createIdleCollector({ connections: () => hub.counts().connections });
  opened.add('collector', async () => collector.stop());
  const onUpgrade = createSocketRoute({
    accept(ws, address) {
      collector.opened();
      hub.accept(ws, address);
    },
    configure: configureWebSocketServer,
    clientAddress,
    isDraining: () => state.draining,
    log,
  });
  doorman.admit(app, onUpgrade);
  const sayGoodbye = async (): Promise<void> => {
    state.draining = true;
    listener.stopAccepting();
    const message = 'The relay is restarting.';
    const timeoutMs = config.stopTimeoutMs;
    const began = performance.now();
    await hub.drain({ code: 'going_away', message, retryAfterMs: comeBackWithinMs, timeoutMs });
    await listener.finish(timeoutMs - (performance.now() - began));
  };
  opened.add('listener', sayGoodbye, 'in its own time');
}

/** An embedded relay's engines are asked when somebody wants to know; those of a fleet all the time. */
function healthEveryMs({ store, bus, blobs }: Config): number | null {
  return store === null && bus.length === 0 && blobs === null ? null : 5_000;
}

/**
 * A relay without its bus delivers by looking, one without its object store all but files: it is to stay behind the
 * balancer, since the others may well have lost the same.
 */
function enginesOf(config: Config, { store, bus, storage }: Core): Engine[] {
  const database = config.store === null ? 'database' : `database ${describeEngineUrl(config.store)}`;
  const nats = config.bus.length === 0 ? 'bus' : 'NATS servers';
  const files = config.blobs === null ? 'folder of files' : `object store ${describeEngineUrl(config.blobs)}`;
  return [
    { name: 'store', title: database, isNeeded: true, ping: () => store.ping() },
    { name: 'bus', title: nats, isNeeded: false, ping: () => bus.ping() },
    { name: 'blobs', title: files, isNeeded: config.blobs === null, ping: () => storage.ping() },
  ];
}

async function openAdminDoor({ config, log, clock, opened }: StartParts, core: Core, url: string): Promise<AdminActs> {
  const { embedded } = core;
  const admin = createAdminActs({
    store: core.store,
    backup: embedded && ((file) => embedded.backup(file)),
    passwords: core.passwords,
    now: clock,
    announceRevoked: core.acts.announceRevoked,
    status: () => {
      const { readOnly } = config;
      return { pid: process.pid, version, sockets: core.hub.counts().connections, url, readOnly };
    },
  });
  const path = adminSocketPath(config.data);
  if (path === null) log.warn('admin.unreachable', { reason: 'the path of --data is too long for a socket' });
  else opened.add('admin', await openAdminSocket(path, admin, log));
  return admin;
}

function readTls({ tlsCert, tlsKey }: Config, now: number): TlsFiles | null {
  return tlsCert === null || tlsKey === null ? null : loadTlsFiles({ cert: tlsCert, key: tlsKey }, now);
}

function assertRoom({ data }: Config, log: Log): void {
  const { state, freeBytes } = readDiskSpace(data);
  if (state === 'full') {
    throw new ParleyError('storage_full', {
      message: `The disk of ${data} has only ${describeBytes(freeBytes)} left. Free at least 64 MiB, or name another folder with --data.`,
    });
  }
  if (state === 'low') log.warn('disk.low', { free: describeBytes(freeBytes), data });
}

function urlOf({ host, tlsCert }: Config, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${tlsCert === null ? 'http' : 'https'}://${name}:${port}`;
}
