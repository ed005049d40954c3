/** The relay's core behind a bare HTTP server, for tests of sockets and store: real SQLite, real sockets, port 0. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { WebSocketServer } from 'ws';
import { createId, type ConversationId, type DeviceId, type Profile, type UserId } from '../../protocol/index.ts';
import { createMemoryBus } from '../../signaling-server/adapters/memory/memory-bus.ts';
import { openSqliteStore, type SqliteStore } from '../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import type { Bus } from '../../signaling-server/ports/bus.ts';
import type { Clock } from '../../signaling-server/ports/clock.ts';
import type { Log } from '../../signaling-server/ports/log.ts';
import type { RelayMetrics } from '../../signaling-server/ports/metrics.ts';
import type { Store } from '../../signaling-server/ports/store.ts';
import { defaultRelaySettings, type RelaySettings } from '../../signaling-server/relay/settings.ts';
import { configureWebSocketServer } from '../../signaling-server/socket/configure-web-socket-server.ts';
import { createHub, type Hub } from '../../signaling-server/socket/hub.ts';
import { RelayClient } from './relay-client.ts';

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'parley-relay-'));
}

/** A user with one device and the token that the device says hello with. */
export interface TestDevice {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly token: string;
  readonly profile: Profile;
}

export function hashOf(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

let people = 0;

/** Adds an account with a device. */
export async function addPerson(store: Store, username = `user${++people}`): Promise<TestDevice> {
  const profile = { id: createId<UserId>(), username, displayName: `Person ${username}` };
  await store.accounts.create({
    ...profile,
    email: null,
    phone: null,
    passwordHash: '$argon2id$',
    createdAt: Date.now(),
  });
  return addDevice(store, profile);
}

export async function addDevice(store: Store, profile: Profile): Promise<TestDevice> {
  const token = randomBytes(16).toString('hex');
  const device = createId<DeviceId>();
  const now = Date.now();
  const common = { name: 'Test', platform: 'test', createdAt: now, lastActiveAt: now };
  await store.devices.create({ id: device, user: profile.id, ...common, tokenHash: hashOf(token) });
  return { user: profile.id, device, token, profile };
}

export async function addConversation(store: Store, a: TestDevice, b: TestDevice): Promise<ConversationId> {
  const id = createId<ConversationId>();
  const { conversation } = await store.conversations.openDirect({ id, members: [a.user, b.user], now: Date.now() });
  return conversation.id;
}

export interface RelayCore {
  readonly store: SqliteStore;
  readonly bus: Bus;
  readonly hub: Hub;
  readonly port: number;
  readonly dataDir: string;
  /** Connects without saying hello. */
  connect(): Promise<RelayClient>;
  /** Connects, says hello and waits for the welcome. */
  hello(device: TestDevice): Promise<RelayClient>;
  stop(): Promise<void>;
}

export interface RelayCoreOptions {
  readonly settings?: Partial<RelaySettings>;
  readonly dataDir?: string;
  readonly port?: number;
  readonly clock?: Clock;
  readonly metrics?: Partial<RelayMetrics>;
  /** Other nodes may be on it; without it the core is alone. */
  readonly bus?: Bus;
  /** Another core's store, which closes it. */
  readonly store?: SqliteStore;
  /** Puts something between the hub and the store, such as faults. */
  readonly wrapStore?: (store: SqliteStore) => Store;
}

export async function startRelayCore(options: RelayCoreOptions = {}): Promise<RelayCore> {
  const dataDir = options.dataDir ?? (options.store ? dirname(options.store.file) : temporaryDirectory());
  const metrics = { ...silentMetrics, ...options.metrics };
  const store = options.store ?? (await openSqliteStore({ dataDir, clock: Date.now, log: silentLog, metrics }));
  const bus = options.bus ?? createMemoryBus();
  const settings = { ...defaultRelaySettings, name: 'Test relay', version: '0.0.0', ...options.settings };
  const used = options.wrapStore?.(store) ?? store;
  const clock = options.clock ?? Date.now;
  const uptime = () => performance.now();
  const hub = createHub({ store: used, bus, clock, uptime, log: silentLog, metrics, settings });
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  configureWebSocketServer(sockets);
  sockets.on('connection', (socket, request) => hub.accept(socket, request.socket.remoteAddress ?? ''));
  await new Promise<void>((resolve) =>
    http.listen({ port: options.port ?? 0, host: '127.0.0.1', backlog: 4_096 }, resolve),
  );
  const { port } = http.address() as AddressInfo;

  return {
    store,
    bus,
    hub,
    port,
    dataDir,
    connect: () => RelayClient.connect(port),
    async hello(device) {
      const client = await RelayClient.connect(port);
      await client.hello(device.token);
      return client;
    },
    async stop() {
      await hub.drain({ code: 'going_away', message: 'The relay stops.', retryAfterMs: 1_000, timeoutMs: 500 });
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      if (options.store === undefined) await store.close();
      if (options.dataDir === undefined && options.store === undefined)
        rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
