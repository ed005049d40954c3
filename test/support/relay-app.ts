/** The relay's HTTP application on a real database, without a port; what it would tell sockets is written down. */
import { join } from 'node:path';
import { openDiskBlobs } from '../../signaling-server/adapters/disk/disk-blobs.ts';
import { createMemoryBus } from '../../signaling-server/adapters/memory/memory-bus.ts';
import { openSqliteStore, type SqliteStore } from '../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { createApp } from '../../signaling-server/app.ts';
import type { Config } from '../../signaling-server/config/settings-table.ts';
import { createClientAddress } from '../../signaling-server/http/client-address.ts';
import type { HttpActs } from '../../signaling-server/http/http-deps.ts';
import { createPasswordHasher } from '../../signaling-server/http/passwords.ts';
import { createHttpLimits } from '../../signaling-server/http/rate-limits.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import type { Log } from '../../signaling-server/ports/log.ts';
import { createBlobActs } from '../../signaling-server/relay/blob-acts.ts';
import { createBlobParts } from '../../signaling-server/relay/blob-parts.ts';
import { openDirect } from '../../signaling-server/relay/open-direct.ts';
import { TransferSlots } from '../../signaling-server/relay/transfer-slots.ts';
import type { Session } from '../../protocol/index.ts';
import { removeFolder, temporaryFolder, testConfig } from './relay-config.ts';

export interface AppUnderTest {
  readonly store: SqliteStore;
  readonly config: Config;
  /** Calls of `announceProfile` and `announceRevoked`, and what was logged, in order. */
  readonly told: { act: string; about: unknown }[];
  readonly logged: string[];
  /** Asks with JSON. `token` is a session's; `from` the connection's address. */
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  register(username: string, extra?: Record<string, unknown>): Promise<Session>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly body?: unknown;
  readonly token?: string;
  readonly from?: string;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, else text. Tests look into answers of all shapes. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export async function openApp(changes: Partial<Config> = {}): Promise<AppUnderTest> {
  const dataDir = await temporaryFolder();
  const config = testConfig({ ...changes, data: dataDir });
  const logged: string[] = [];
  const told: AppUnderTest['told'] = [];
  const log = recordingLog(logged);
  const store = await openSqliteStore({ dataDir, clock: Date.now, log, metrics: silentMetrics });
  const metrics = {
    ...silentMetrics,
    contentType: 'text/plain',
    render: async () => 'parley_up 1\n',
    httpAnswered() {},
  };
  const room = { capBytes: null, reserveBytes: 0 };
  const storage = await openDiskBlobs({ folder: join(dataDir, 'blobs'), ...room, metrics });
  const app = createApp({
    store,
    storage,
    blobs: createBlobActs(createBlobParts({ store, storage, clock: Date.now, log, metrics, settings: config })),
    slots: new TransferSlots(config.transfersPerUser),
    acts: recordingActs(store, told),
    passwords: createPasswordHasher({ maxWaiting: config.passwordQueue }),
    limits: createHttpLimits(config),
    clientAddress: createClientAddress(config.trustedProxy),
    now: Date.now,
    log,
    version: '1.2.3',
    config,
    ready: () => store.ping().then(() => []),
    metrics,
  });

  async function ask(method: string, path: string, options: AskOptions = {}): Promise<Answer> {
    const { body, token, from = '192.0.2.1', headers = {} } = options;
    const init: RequestInit = {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && {
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
      }),
    };
    const incoming = { socket: { remoteAddress: from, destroy() {} }, headers, on() {}, pause() {} };
    const answer = await app.request(path, init, { incoming: incoming as never });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
    return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
  }

  return {
    store,
    config,
    told,
    logged,
    ask,
    async register(username, extra = {}) {
      const { status, body } = await ask('POST', '/v1/accounts', { body: registration(username, extra) });
      if (status !== 201) throw new Error(`register ${username}: ${JSON.stringify(body)}`);
      return body as Session;
    },
    async close() {
      await store.close();
      await removeFolder(dataDir);
    },
  };
}

export const goodPassword = 'correct horse battery';

/** The body of `POST /v1/accounts`. */
export function registration(username: string, extra: Record<string, unknown> = {}) {
  return {
    username,
    displayName: username.toUpperCase(),
    password: goodPassword,
    device: { name: 'Desk', platform: 'linux' },
    ...extra,
  };
}

/** The body of `POST /v1/sessions`. */
export function login(username: string, password = goodPassword) {
  return { username, password, device: { name: 'Laptop', platform: 'linux' } };
}

function recordingActs(store: SqliteStore, told: AppUnderTest['told']): HttpActs {
  return {
    openDirect: openDirect({ store, bus: createMemoryBus(), clock: Date.now }),
    announceProfile: (profile) => told.push({ act: 'profile', about: profile }),
    announceRevoked: (user, devices, how) =>
      told.push({ act: how?.erase ? 'revoked to erase' : 'revoked', about: { user, devices } }),
    announceDevice() {},
  };
}

function recordingLog(lines: string[]): Log {
  const write = (event: string, fields?: unknown) => void lines.push(`${event} ${JSON.stringify(fields ?? {})}`);
  return { debug: write, info: write, warn: write, error: write };
}
