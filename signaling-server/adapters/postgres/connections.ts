/** Connections to the database: two bounded pools, each connection set up before its first use and let go of when it broke. */
import { Socket } from 'node:net';
import {
  Pool,
  types,
  type ClientConfig,
  type PoolClient,
  type QueryArrayConfig,
  type QueryConfig,
  type QueryResult,
} from 'pg';
import type { Log } from '../../ports/log.ts';
import { breaksConnection, NoConnection } from './database-errors.ts';

export interface ConnectionOptions {
  readonly url: string;
  /** How the database's own lists name the relay. */
  readonly applicationName: string;
  /** Connections of this relay in all, `liveConnections` of them for messages and cursors; at least 3. */
  readonly poolSize: number;
  /** What the database gives up after, unless a connection is told otherwise. */
  readonly statementTimeoutMs: number;
  /** What the relay gives up after, where that is not soon after the database should have. */
  readonly answerTimeoutMs?: number;
  /** For a new connection, and for one that others use to come free. */
  readonly connectTimeoutMs: number;
  /** A connection not used for so long is closed. */
  readonly idleConnectionMs: number;
}

/** A connection while somebody has it. */
export interface Connection {
  query<R extends object>(config: QueryConfig<unknown[]>): Promise<QueryResult<R>>;
  /** Rows as lists of their columns. */
  rows<R extends unknown[]>(config: Omit<QueryArrayConfig<unknown[]>, 'rowMode'>): Promise<R[]>;
  readonly client: PoolClient;
  /** To be called once; the connection goes back to its pool, or is closed when something broke it. */
  release(): void;
}

export interface Lane {
  /** @throws NoConnection. */
  acquire(): Promise<Connection>;
  /** Connections that are open, and askers that wait for one. */
  readonly size: number;
  readonly waiting: number;
  /** Waits until all are given back, but not for what has fallen silent: that is dropped, and what was asked of it fails. */
  close(): Promise<void>;
}

/** Messages are appended one group at a time, and so are cursors moved; nothing else may take their connections. */
export const liveConnections = 2;

/**
 * Kept for messages and cursors while they are divided (`StoreLanes`), beyond those of the pool: they are opened then, and
 * closed when they have not been used for a while. So many that a few that are stuck leave enough to the others.
 */
export const laneConnections = { appends: 4, advances: 2 } as const;

/**
 * What writes messages and cursors takes some milliseconds. What takes so long waits for something that is stuck, and gives
 * way to others.
 */
export const liveTimeoutMs = 2_000;

/** An answer that is so late after the database should have given up comes from one that hangs. */
export const answerMarginMs = 2_000;

/** A connection that is not gone so long after it was ended is silent: it hears no goodbye and answers none. */
const goodbyeMs = 2_000;

export function openLane(options: ConnectionOptions, size: number, log: Log): Lane {
  const sockets = new Set<Socket>();
  const stream = (): Socket => {
    const socket = new Socket();
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  };
  const pool = new Pool({ ...clientConfig(options), stream, max: size, idleTimeoutMillis: options.idleConnectionMs });
  // A connection that ends while nobody uses it: the pool has dropped it already.
  pool.on('error', (error) => log.warn('database.connection_lost', { error }));
  const faults = new WeakMap<PoolClient, unknown>();
  // From the first moment on: a server that dies may say so in the very bytes in which it says that it is ready.
  pool.on('connect', (client) => client.on('error', (by) => faults.set(client, faults.get(client) ?? by)));
  const ready = new WeakSet<PoolClient>();

  async function connect(): Promise<PoolClient> {
    const isFull = pool.totalCount >= size;
    try {
      return await pool.connect();
    } catch (cause) {
      throw new NoConnection(cause, isFull && cause instanceof Error && cause.message.startsWith('timeout exceeded'));
    }
  }

  async function close(): Promise<void> {
    const dropping = setTimeout(() => sockets.forEach((socket) => socket.destroy()), goodbyeMs);
    await pool.end();
    await Promise.all([...sockets].map((socket) => new Promise((done) => socket.once('close', done))));
    clearTimeout(dropping);
  }

  return {
    async acquire() {
      const client = await connect();
      const connection = wrap(client, faults);
      if (!ready.has(client)) {
        await setUp(connection);
        ready.add(client);
      }
      return connection;
    },
    get size() {
      return pool.totalCount;
    },
    get waiting() {
      return pool.waitingCount;
    },
    close,
  };
}

export function clientConfig(options: ConnectionOptions): ClientConfig & { connectionTimeoutMillis: number } {
  return {
    connectionString: options.url,
    application_name: options.applicationName,
    statement_timeout: options.statementTimeoutMs,
    idle_in_transaction_session_timeout: options.statementTimeoutMs,
    query_timeout: options.answerTimeoutMs ?? options.statementTimeoutMs + answerMarginMs,
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  };
}

/** Integers of 8 bytes are numbers: seqs, milliseconds and byte counts stay far below 2^53. */
const parserOf: typeof types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === types.builtins.INT8 && format !== 'binary' ? Number : types.getTypeParser(oid, format as 'text');

/** A commit is answered once it is on disk (P1), whatever the server's default; a stricter default stays. */
const durable = `SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')`;

async function setUp(connection: Connection): Promise<void> {
  try {
    await connection.query({ text: durable });
  } catch (cause) {
    connection.release();
    throw new NoConnection(cause, false);
  }
}

/** @param faults what ended the connection, by client. */
function wrap(client: PoolClient, faults: WeakMap<PoolClient, unknown>): Connection {
  /** After what broke it nothing is sent any more, not even a rollback: it would wait behind what hangs. */
  async function watched<T>(ask: () => Promise<T>): Promise<T> {
    if (faults.has(client)) throw faults.get(client);
    try {
      return await ask();
    } catch (by) {
      if (breaksConnection(by) && !faults.has(client)) faults.set(client, by);
      throw by;
    }
  }

  return {
    client,
    query: <R extends object>(config: QueryConfig<unknown[]>) => watched(() => client.query<R>(config)),
    async rows<R extends unknown[]>(config: Omit<QueryArrayConfig<unknown[]>, 'rowMode'>) {
      return (await watched(() => client.query<R>({ ...config, rowMode: 'array' }))).rows;
    },
    release() {
      client.release(faults.has(client));
    },
  };
}
