/** The database as the parts of the store ask it: by Kysely, or by prepared statements where messages flow. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  Kysely,
  PostgresDialect,
  type PostgresCursor,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import type { Log } from '../../ports/log.ts';
import type { RelayMetrics } from '../../ports/metrics.ts';
import { doneWithin } from '../../runtime/within.ts';
import {
  answerMarginMs,
  laneConnections,
  liveConnections,
  liveTimeoutMs,
  openLane,
  type Connection,
  type ConnectionOptions,
  type Lane,
} from './connections.ts';
import type { Engine } from './engine.ts';
import { createRetries, type Retries, type Task } from './retries.ts';
import type { Tables } from './tables.ts';

export interface Act {
  /** For the log of slow acts. */
  readonly name: string;
  /** Whether doing it twice is as good as once; reading is. */
  readonly repeatable: boolean;
}

/** Each time over one connection. @param work its second argument is as for `transact`. */
export type AskLive = <T>(act: Act, work: (connection: Connection, doubtful: boolean) => Promise<T>) => Promise<T>;

export interface Database {
  readonly engine: Engine;
  /** One or several statements, each by itself. Errors are those that the port promises. */
  ask<T>(act: Act, work: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /**
   * All of it in one commit, or nothing.
   * @param work its second argument: whether an earlier try may have been carried out, without an answer.
   */
  transact<T>(act: Act, work: (db: Kysely<Tables>, doubtful: boolean) => Promise<T>): Promise<T>;
  /** Over a connection kept for messages and cursors. */
  live: AskLive;
  /** As `live`, over connections kept for what is divided into lanes. */
  divided: AskLive;
  /** Over any connection, with prepared statements. */
  direct<T>(act: Act, work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Waits for what is under way, but not for a database that has fallen silent. */
  close(): Promise<void>;
}

export interface DatabaseDeps extends ConnectionOptions {
  readonly engine: Engine;
  readonly slowMs: number;
  readonly log: Log;
  readonly metrics: RelayMetrics;
}

/** What takes longer while the database closes fails, as when it is away. */
const patienceMs = 4_000;

export function openDatabase(deps: DatabaseDeps): Database {
  const { log, metrics, poolSize } = deps;
  const { live, divided } = openLiveLanes(deps);
  const general = openLane(deps, Math.max(1, poolSize - liveConnections), log);
  const retries = createRetries(log, deps.slowMs);
  const acts = new Set<Promise<unknown>>();
  let closing: Promise<unknown> | null = null;
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: poolOf(general) }) });
  showLanes(metrics, [live, divided, general], retries);

  async function over<T>(lane: Lane, work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await lane.acquire();
    try {
      return await work(connection);
    } finally {
      connection.release();
    }
  }

  async function run<T>(task: Task<T>): Promise<T> {
    const running = retries.run(task);
    acts.add(running);
    try {
      return await running;
    } finally {
      acts.delete(running);
    }
  }

  /** Also what follows on an act at once, such as the next group of messages. */
  async function finished(): Promise<void> {
    do {
      await Promise.allSettled(acts);
      await nextTurn();
    } while (acts.size > 0);
  }

  async function close(): Promise<void> {
    await doneWithin(finished(), patienceMs);
    await Promise.all([live.close(), divided.close(), general.close()]);
  }

  return {
    engine: deps.engine,
    ask: (act, work) => run({ ...act, work: () => work(kysely) }),
    transact: (act, work) =>
      run({ ...act, work: (doubtful) => kysely.transaction().execute((db) => work(db, doubtful)) }),
    live: (act, work) => run({ ...act, work: (doubtful) => over(live, (connection) => work(connection, doubtful)) }),
    divided: (act, work) =>
      run({ ...act, work: (doubtful) => over(divided, (connection) => work(connection, doubtful)) }),
    direct: (act, work) => run({ ...act, work: () => over(general, work) }),
    async close() {
      await (closing ??= close());
    },
  };
}

/**
 * Statements of either are given up soon. A database that hangs as a whole is waited for as usual where all goes over one
 * connection; one that is in lanes goes to another conversation's.
 */
function openLiveLanes(deps: DatabaseDeps): { live: Lane; divided: Lane } {
  const statementTimeoutMs = Math.min(deps.statementTimeoutMs, liveTimeoutMs);
  const soon = { ...deps, statementTimeoutMs };
  const connectTimeoutMs = Math.min(deps.connectTimeoutMs, liveTimeoutMs);
  return {
    live: openLane({ ...soon, answerTimeoutMs: deps.statementTimeoutMs + answerMarginMs }, liveConnections, deps.log),
    divided: openLane({ ...soon, connectTimeoutMs }, laneConnections.appends + laneConnections.advances, deps.log),
  };
}

/** The lane in the form in which Kysely takes a pool, so that broken connections are told from sound ones. */
function poolOf(lane: Lane): PostgresPool {
  return {
    options: {},
    connect: async () => clientOf(await lane.acquire()),
    end: () => lane.close(),
  };
}

type Answer<R> = PostgresQueryResult<R>;

function clientOf(connection: Connection): PostgresPoolClient {
  function query<R>(text: string, values: readonly unknown[]): Promise<Answer<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query<R>(
    text: string | PostgresCursor<R>,
    values?: readonly unknown[],
  ): Promise<Answer<R>> | PostgresCursor<R> {
    if (typeof text !== 'string') throw new Error('There are no cursors here: Kysely was given no class of them.');
    return ask<R>(text, values ?? []);
  }

  async function ask<R>(text: string, values: readonly unknown[]): Promise<Answer<R>> {
    const { command, rowCount, rows } = await connection.query<R & object>({ text, values: [...values] });
    return { command: command as Answer<R>['command'], rowCount: rowCount ?? 0, rows };
  }

  return { query, release: () => connection.release() };
}

function showLanes(metrics: RelayMetrics, lanes: readonly Lane[], retries: Retries): void {
  const sum = (of: (lane: Lane) => number) => () => lanes.reduce((total, lane) => total + of(lane), 0);
  metrics.gauge(
    'parley_database_connections',
    'Open connections to the database.',
    sum((lane) => lane.size),
  );
  metrics.gauge(
    'parley_database_waiting',
    'Acts that wait for a connection.',
    sum((lane) => lane.waiting),
  );
  metrics.gauge('parley_database_retries', 'Acts tried again since the start.', () => retries.count);
}
