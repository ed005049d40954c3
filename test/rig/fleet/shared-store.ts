/** The fleet's PostgreSQL: one server, or one with a replica that confirms each commit and can take its place. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { promoteReplica, startReplica } from '../../support/postgres-replica.ts';
import {
  postgresProgram,
  startPostgres,
  type PostgresServer,
  type PostgresServerOptions,
} from '../../support/postgres-server.ts';
import { Turns } from '../turns.ts';

/** As many as the pools of all nodes together may open, those of dead connections included. */
const settings = { max_connections: 200 };

interface SharedStoreParts {
  /** In which the servers make their folders; they belong to another account of the system. */
  readonly base: string;
  readonly replicated: boolean;
}

export class SharedStore {
  readonly turns = new Turns();
  readonly #options: PostgresServerOptions;
  #server: PostgresServer;
  #replica: PostgresServer | null = null;
  readonly #database: string;

  private constructor(options: PostgresServerOptions, server: PostgresServer, database: string) {
    this.#options = options;
    this.#server = server;
    this.#database = database;
  }

  static async open({ base, replicated }: SharedStoreParts): Promise<SharedStore> {
    const options = { base, settings };
    const server = await startPostgres(options);
    const store = new SharedStore(options, server, await server.createDatabase());
    if (replicated) store.#replica = await startReplica(server, options);
    return store;
  }

  /** Of the server that takes writes now. */
  get port(): number {
    return this.#server.port;
  }

  /** For who reaches it at a port: its own, or that of a link. */
  url(port = this.port): string {
    const url = new URL(this.#database);
    url.port = String(port);
    return url.href;
  }

  run(sql: string): Promise<Record<string, unknown>[]> {
    return this.#server.run(sql, this.url());
  }

  kill(): Promise<void> {
    return this.#server.kill9();
  }

  restart(): Promise<void> {
    return this.#server.restart();
  }

  pause(): void {
    this.#server.pause();
  }

  resume(): void {
    this.#server.resume();
  }

  /** The server dies, its replica takes over, and a new replica is made. @returns whether there was a replica. */
  async promote(): Promise<boolean> {
    const [dead, next] = [this.#server, this.#replica];
    if (next === null) return false;
    this.#replica = null;
    await dead.kill9();
    await promoteReplica(next);
    this.#server = next;
    await dead.stop();
    this.#replica = await startReplica(next, this.#options);
    return true;
  }

  /** Writes all of it into a file, as SQL. */
  async dump(file: string): Promise<void> {
    await promisify(execFile)(postgresProgram('pg_dump'), ['--file', file, this.url()]);
  }

  async stop(): Promise<void> {
    await this.#replica?.stop();
    await this.#server.stop();
  }
}
