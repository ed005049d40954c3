/** Puts a relay together from its parts, starts it, and stops it in order. */
import { join } from 'node:path';
import { ParleyError } from '../protocol/index.ts';
import { createAdminActs } from './admin/admin-acts.ts';
import type { AdminActs } from './admin/admin-contract.ts';
import { adminSocketPath } from './admin/admin-path.ts';
import { openAdminSocket } from './admin/admin-socket.ts';
import { openDiskBlobs } from './adapters/disk/disk-blobs.ts';
import { createMemoryBus } from './adapters/memory/memory-bus.ts';
import { openSqliteStore, type SqliteStore } from './adapters/sqlite/sqlite-store.ts';
import { createApp } from './app.ts';
import { createAddressMatcher } from './config/address-range.ts';
import { blobsFolder } from './config/data-folder.ts';
import { relaySettingsOf } from './config/relay-settings.ts';
import type { Config } from './config/settings-table.ts';
import { version } from './config/version.ts';
import { createClientAddress } from './http/client-address.ts';
import type { HttpActs } from './http/http-deps.ts';
import { createPasswordHasher } from './http/passwords.ts';
import { createHttpLimits } from './http/rate-limits.ts';
import { createSocketRoute } from './http/socket-route.ts';
import { loadTlsFiles, type TlsFiles } from './http/tls-files.ts';
import { describeBytes, readDiskSpace } from './observe/disk-space.ts';
import { createIdleCollector } from './observe/idle-collector.ts';
import { createPrometheusMetrics } from './observe/prometheus-metrics.ts';
import { createYoungCollector } from './observe/young-collector.ts';
import type { Bus } from './ports/bus.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { RelayMetrics } from './ports/metrics.ts';
import { createBlobActs } from './relay/blob-acts.ts';
import { createBlobParts } from './relay/blob-parts.ts';
import { createBlobSweep, startSweeping } from './relay/blob-sweeper.ts';
import { announceDevice, announceProfile, announceRevoked } from './relay/announce.ts';
import { openDirect } from './relay/open-direct.ts';
import { TransferSlots } from './relay/transfer-slots.ts';
import { listen } from './server.ts';
import { configureWebSocketServer } from './socket/configure-web-socket-server.ts';
import { createHub, type Hub } from './socket/hub.ts';

export interface Relay {
  /** Where it listens: `http://127.0.0.1:8080`. For the wildcard addresses, this machine's own name for itself. */
  readonly url: string;
  readonly port: number;
  readonly store: SqliteStore;
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
}

/** Devices come back spread over this time, so that the next relay is not met by all at once. */
const comeBackWithinMs = 1_000;

/** @throws ParleyError with one line for the admin when the relay cannot start; nothing is left open then. */
export async function startRelay(deps: RelayDeps): Promise<Relay> {
  const { config, log, clock = Date.now, uptime = () => performance.now() } = deps;
  const tls = readTls(config, clock());
  assertRoom(config, log);
  const opened = createClosers(log);
  try {
    return await assemble({ config, log, clock, uptime, tls, opened });
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
  const core = await openCore(parts);
  const serving = await openDoors(parts, core);
  const admin = await openAdminDoor(parts, core, serving.url);
  return {
    ...serving,
    store: core.store,
    bus: core.bus,
    hub: core.hub,
    admin,
    sweepBlobs: core.sweepBlobs,
    renewTls() {
      const renewed = readTls(config, clock());
      if (renewed) serving.renewTls(renewed);
    },
    stop: () => opened.closeAll(),
  };
}

/** What a relay is without its doors: storage, bus, sockets' hub, and the acts that HTTP and admin share. */
async function openCore({ config, log, clock, uptime, opened }: StartParts) {
  const metrics = createPrometheusMetrics();
  const store = await openSqliteStore({ dataDir: config.data, clock, log, metrics });
  opened.add('store', () => store.close());
  const bus = createMemoryBus((error) => log.error('bus.listener_failed', { error }));
  opened.add('bus', () => bus.close());
  const hub = createHub({ store, bus, clock, uptime, log, metrics, settings: relaySettingsOf(config, version) });
  const media = await openMedia({ config, log, clock, opened }, { store, metrics });
  const passwords = createPasswordHasher({ maxWaiting: config.passwordQueue });
  metrics.gauge('parley_password_queue', 'Password checks that wait for their turn.', () => passwords.waiting);
  const acts: HttpActs = {
    openDirect: openDirect({ store, bus, clock }),
    announceProfile: (profile) => announceProfile(bus, profile),
    announceRevoked: (user, devices, how) => announceRevoked(bus, user, devices, how),
    announceDevice: (user) => announceDevice(bus, user),
  };
  return { metrics, store, bus, hub, passwords, acts, ...media };
}

/** Blobs: their bytes on the disk, what may be done with them, and the sweep that keeps the disk tidy. */
async function openMedia(
  { config, log, clock, opened }: Omit<StartParts, 'tls' | 'uptime'>,
  { store, metrics }: { store: SqliteStore; metrics: RelayMetrics },
) {
  const storage = await openDiskBlobs({
    folder: join(config.data, blobsFolder),
    capBytes: config.mediaCapBytes === 0 ? null : config.mediaCapBytes,
    reserveBytes: config.mediaReserveBytes,
    metrics,
    collect: createYoungCollector(),
  });
  opened.add('blobs', () => storage.close());
  const parts = createBlobParts({ store, storage, clock, log, metrics, settings: config });
  const sweep = createBlobSweep(parts);
  const sweeping = startSweeping(parts, sweep);
  opened.add('blob sweep', () => sweeping.stop());
  const slots = new TransferSlots(config.transfersPerUser);
  return { storage, blobs: createBlobActs(parts), slots, sweepBlobs: sweep };
}

type Core = Awaited<ReturnType<typeof openCore>>;

/** Opens the port. Its closer is the relay's goodbye: no new connections, sockets sent home, requests finished. */
async function openDoors({ config, log, clock, tls, opened }: StartParts, core: Core) {
  const { store, bus, hub, storage } = core;
  const state = { draining: false };
  const ready = async (): Promise<void> => {
    if (state.draining) throw new ParleyError('going_away', { message: 'The relay is stopping.' });
    await Promise.all([store.ping(), bus.ping(), storage.ping()]);
  };
  const clientAddress = createClientAddress(config.trustedProxy);
  const limits = createHttpLimits(config);
  const app = createApp({ ...core, limits, clientAddress, now: clock, log, version, config, ready });
  const collector = createIdleCollector();
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
  const listener = await listen({
    ...config,
    app,
    onUpgrade,
    tls,
    clientAddress: createClientAddress([]),
    isTrustedProxy: createAddressMatcher(config.trustedProxy),
  });
  opened.add('listener', async () => {
    state.draining = true;
    listener.stopAccepting();
    const message = 'The relay is restarting.';
    const timeoutMs = config.stopTimeoutMs;
    const began = performance.now();
    await hub.drain({ code: 'going_away', message, retryAfterMs: comeBackWithinMs, timeoutMs });
    await listener.finish(timeoutMs - (performance.now() - began));
  });
  return { port: listener.port, url: urlOf(config, listener.port), renewTls: listener.renewTls };
}

async function openAdminDoor({ config, log, clock, opened }: StartParts, core: Core, url: string): Promise<AdminActs> {
  const admin = createAdminActs({
    store: core.store,
    passwords: core.passwords,
    now: clock,
    announceRevoked: core.acts.announceRevoked,
    status: () => ({ pid: process.pid, version, sockets: core.hub.counts().connections, url }),
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

interface Closers {
  add(name: string, close: () => Promise<void>): void;
  closeAll(): Promise<void>;
}

/** Closes what was opened, last first, each once, whatever the others do. */
function createClosers(log: Log): Closers {
  const closers: { name: string; close: () => Promise<void> }[] = [];
  let closing: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    for (let next = closers.pop(); next; next = closers.pop()) {
      await next.close().catch((error: unknown) => log.error('relay.close_failed', { part: next?.name, error }));
    }
  };
  return {
    add(name: string, close: () => Promise<void>) {
      closers.push({ name, close });
    },
    closeAll: () => (closing ??= run()),
  };
}
