/** A real PostgreSQL for tests: a cluster of its own in a temporary folder, on a free port of 127.0.0.1. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { isOnPath } from '../../scripts/system-packages.ts';
import { freePort } from './free-port.ts';
import { endWithParent } from './end-with-parent.ts';

export interface PostgresServer {
  /** Of the database `postgres`, as its owner, with the password. */
  readonly url: string;
  readonly port: number;
  readonly place: PostgresPlace;
  /** Makes an empty database. @returns its URL. */
  createDatabase(): Promise<string>;
  /** Runs SQL in the database `postgres`, or in the given one. */
  run(sql: string, url?: string): Promise<Record<string, unknown>[]>;
  /** Kills the server and all its processes at once, as a power cut of their machine would. */
  kill9(): Promise<void>;
  /** Starts it again on the same data and port; resolves once it answers. */
  restart(): Promise<void>;
  /** Stops its processes where they are, as a machine that hangs. */
  pause(): void;
  resume(): void;
  /** Ends it and removes the data. */
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Without it commits are not forced to the disk: faster, for tests that never kill the server. On unless said. */
  readonly fsync?: boolean;
  /** In which its own folder is made; that of the system's temporary files unless said. */
  readonly base?: string;
  /** More settings, by name. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

const owner = 'parley';
const password = 'secret-of-the-test';
const startDeadlineMs = 30_000;

/** Where the server's programs are: Debian keeps them off the path, a folder a version. */
const binaries = findBinaries();
export const hasPostgres = binaries !== null;

function findBinaries(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const newest = versions.map((version) => join(debian, version, 'bin')).find((dir) => existsSync(join(dir, 'initdb')));
  return newest ?? (isOnPath('initdb') && isOnPath('postgres') ? '' : null);
}

export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const account = serverAccount();
  const { folder, data } = makeDataFolder(options.base, account);
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o644 });
  execFileSync(
    postgresProgram('initdb'),
    [
      ...['-D', data, '-U', owner, '--pwfile', passwordFile, '--auth-local=trust', '--auth-host=scram-sha-256'],
      ...['-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    ],
    { ...account, stdio: 'ignore', cwd: folder },
  );
  return servePostgres({ folder, data, account }, options);
}

/** Where a server keeps what it knows, and the account of the system that owns it. */
export interface PostgresPlace {
  readonly folder: string;
  readonly data: string;
  readonly account: Account;
}

export function makeDataFolder(base = tmpdir(), account = serverAccount()): PostgresPlace {
  const folder = mkdtempSync(join(base, 'parley-postgres-'));
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  give(data, account);
  return { folder, data, account };
}

/** Starts a server on data that is there. */
export async function servePostgres(place: PostgresPlace, options: PostgresServerOptions): Promise<PostgresServer> {
  const { folder, data, account } = place;
  const port = await freePort();
  const urlOf = (database: string): string => `postgres://${owner}:${password}@127.0.0.1:${port}/${database}`;
  const url = urlOf('postgres');
  const start = () => launch(data, port, account, options);
  let child = start();
  await answering(url);
  let databases = 0;

  async function kill9(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    const workers = childrenOf(child.pid);
    [child.pid, ...workers].forEach((pid) => pid !== undefined && signalTo(pid, 'SIGKILL'));
    await ended;
    while (workers.some(isAlive)) await sleep(5);
  }

  const everyProcess = (): number[] => (child.pid === undefined ? [] : [child.pid, ...childrenOf(child.pid)]);

  return {
    url,
    port,
    place,
    async createDatabase() {
      const name = `test_${++databases}`;
      await query(url, `CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    run: (sql, at = url) => query(at, sql),
    kill9,
    async restart() {
      child = start();
      await answering(url);
    },
    pause: () => everyProcess().forEach((pid) => signalTo(pid, 'SIGSTOP')),
    resume: () => everyProcess().forEach((pid) => signalTo(pid, 'SIGCONT')),
    async stop() {
      await kill9();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function postgresProgram(name: string): string {
  if (binaries === null) throw new Error('PostgreSQL is not installed here: install the package postgresql.');
  return join(binaries, name);
}

/** The server refuses to run as root: it gets the account that its package made. */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const number = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: number('-u'), gid: number('-g') };
}

function give(path: string, { uid, gid }: Account): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

function launch(data: string, port: number, account: Account, options: PostgresServerOptions): ChildProcess {
  const { fsync = true, settings = {} } = options;
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: data,
    shared_buffers: '64MB',
    max_connections: 60,
    // In the data folder: a server that is killed leaves nothing behind elsewhere.
    dynamic_shared_memory_type: 'mmap',
    ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-D', data, '-p', String(port), ...flags];
  return endWithParent(spawn(postgresProgram('postgres'), args, { ...account, stdio: 'ignore' }));
}

async function answering(url: string): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  for (;;) {
    try {
      await query(url, 'SELECT 1');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function childrenOf(pid: number | undefined): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (pid === undefined || !existsSync(file)) return [];
  return readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number);
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A process that ended but was not yet seen to by its parent counts as gone. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
