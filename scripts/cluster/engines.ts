/** A PostgreSQL and a NATS server of the project's own: on free ports of this machine, their data in a folder of theirs. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { postgresProgram, serverAccount, type Account } from '../../test/support/postgres-server.ts';
import { findPort } from '../relay-session.ts';
import { natsServerProgram } from '../engine-programs.ts';
import { startProgram, type Program } from './program.ts';

export interface Engine extends Program {
  readonly url: string;
}

const owner = 'parley';
const host = '127.0.0.1';

/** @param folder made when missing; what is in it stays. */
export async function startPostgres(folder: string, wantedPort: number): Promise<Engine> {
  const account = serverAccount();
  const place = join(reachable(folder, account), 'postgres');
  const data = join(place, 'data');
  const passwordFile = join(place, 'password');
  if (!existsSync(join(data, 'PG_VERSION'))) createDatabases(place, data, passwordFile, account);
  endLeftover(data, account);
  const port = await findPort(wantedPort);
  const url = `postgres://${owner}:${readFileSync(passwordFile, 'utf8')}@${host}:${port}/postgres`;
  const settings = [`listen_addresses=${host}`, 'unix_socket_directories=', 'max_connections=100'];
  const program = await startProgram({
    name: 'PostgreSQL',
    command: postgresProgram('postgres'),
    args: ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    ...account,
    logFile: join(folder, 'postgres.log'),
    // Ends sessions and writes everything down; the gentlest one waits for all to leave.
    signal: 'SIGINT',
    isReady: () => answersSql(url),
  });
  return { ...program, url };
}

function createDatabases(place: string, data: string, passwordFile: string, account: Account): void {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  give(place, account);
  writeFileSync(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
  give(passwordFile, account);
  const args = ['-D', data, '-U', owner, '--pwfile', passwordFile, '--auth', 'scram-sha-256', '-E', 'UTF8'];
  execFileSync(postgresProgram('initdb'), [...args, '--locale', 'C.UTF-8'], {
    ...account,
    stdio: 'ignore',
    cwd: place,
  });
}

/** Of a script that was killed: the data is the project's own, and so is whoever serves it. */
function endLeftover(data: string, account: Account): void {
  if (!existsSync(join(data, 'postmaster.pid'))) return;
  try {
    execFileSync(postgresProgram('pg_ctl'), ['stop', '-D', data, '-m', 'fast'], { ...account, stdio: 'ignore' });
  } catch {
    // It has ended already, and left its file.
  }
}

function give(path: string, { uid, gid }: Account): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

/** For root PostgreSQL runs as its own user, who may not come into root's folders. */
function reachable(folder: string, { uid, gid }: Account): string {
  if (uid === undefined || gid === undefined) return folder;
  try {
    execFileSync('test', ['-x', folder], { uid, gid });
    return folder;
  } catch {
    const elsewhere = join(tmpdir(), `parley-cluster-${uid}`);
    mkdirSync(elsewhere, { recursive: true });
    return elsewhere;
  }
}

async function answersSql(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Keeps nothing: what it loses the nodes find in the database. */
export async function startNats(folder: string, wantedPort: number): Promise<Engine> {
  const port = await findPort(wantedPort);
  const program = await startProgram({
    name: 'NATS',
    command: natsServerProgram(),
    args: ['-a', host, '-p', String(port)],
    logFile: join(folder, 'nats.log'),
    isReady: () => accepts(port),
  });
  return { ...program, url: `nats://${host}:${port}` };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host });
    const done = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', done(true));
    socket.once('error', done(false));
  });
}
