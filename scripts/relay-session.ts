/** One development relay shared by all `npm start` runs on a data folder: the first starts it, the last stops it. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, withLock } from './cache-lock.ts';
import { lastLines } from './run-command.ts';

export interface RelaySession {
  readonly port: number;
  readonly pid: number;
  /** True when another run had started it. */
  readonly reused: boolean;
  readonly logFile: string;
  /** Leaves; the last one out stops the relay and waits for it. Resolves to how many others still use it. */
  leave(): Promise<number>;
}

interface JoinOptions {
  /** The relay's JavaScript entry. */
  readonly entry: string;
  readonly dataDir: string;
  readonly port: number;
  /** Runs before anything else when no other run is using what is built. */
  readonly beforeFirst: () => Promise<void>;
  readonly onWait: () => void;
}

interface RelayState {
  readonly pid: number;
  readonly port: number;
}

const readyTimeoutMs = 20_000;
const stopTimeoutMs = 10_000;

/** Joins the session of `dataDir`. Throws an error for people, with the relay's last words, when it does not start. */
export async function joinRelaySession(options: JoinOptions): Promise<RelaySession> {
  const folder = `${options.dataDir}.session`;
  const exclusively = <T>(work: () => Promise<T>): Promise<T> =>
    withLock(`${folder}.lock`, work, { onWait: options.onWait });
  return exclusively(async () => {
    await mkdir(join(folder, 'users'), { recursive: true });
    if ((await otherUsers(folder)).length === 0) await options.beforeFirst();
    const running = await readRunning(folder);
    const { pid, port } = running ?? (await startRelay(folder, options));
    const mark = join(folder, 'users', String(process.pid));
    await writeFile(mark, '');
    const leave = (): Promise<number> =>
      exclusively(async () => {
        await rm(mark, { force: true });
        const others = await otherUsers(folder);
        if (others.length === 0) await stopRelay(folder, pid);
        return others.length;
      });
    return { pid, port, reused: running !== undefined, logFile: logFileOf(folder), leave };
  });
}

/** `wanted` when it is free, else a port the system picks. */
export async function findPort(wanted: number): Promise<number> {
  return (await tryListen(wanted)) ?? (await tryListen(0)) ?? wanted;
}

/** The other live runs; marks of dead ones are cleared away. */
async function otherUsers(folder: string): Promise<number[]> {
  const pids = (await readdir(join(folder, 'users'))).map(Number).filter((pid) => pid !== process.pid);
  const dead = pids.filter((pid) => !isAlive(pid));
  await Promise.all(dead.map((pid) => rm(join(folder, 'users', String(pid)), { force: true })));
  return pids.filter(isAlive);
}

async function readRunning(folder: string): Promise<RelayState | undefined> {
  const text = await readFile(join(folder, 'relay.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { pid, port } = JSON.parse(text) as RelayState;
  return isAlive(pid) && (await answers(port, 'healthz')) ? { pid, port } : undefined;
}

/** Its own process group, so that Ctrl+C in the terminal reaches the app first; its log is a file, so that it outlives us. */
async function startRelay(folder: string, { entry, dataDir, port: wanted }: JoinOptions): Promise<RelayState> {
  await mkdir(dataDir, { recursive: true });
  const port = await findPort(wanted);
  const log = openSync(logFileOf(folder), 'w');
  const args = [
    entry,
    'serve',
    '--data',
    dataDir,
    '--port',
    String(port),
    '--host',
    '127.0.0.1',
    '--registration',
    'open',
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', log, log], detached: process.platform !== 'win32' });
  closeSync(log);
  child.unref();
  if (child.pid === undefined) throw new Error('The relay could not be started: there is no process for it.');
  await waitUntilReady(child.pid, port, logFileOf(folder));
  await writeFile(join(folder, 'relay.json'), JSON.stringify({ pid: child.pid, port }));
  return { pid: child.pid, port };
}

async function waitUntilReady(pid: number, port: number, logFile: string): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  while (isAlive(pid) && Date.now() < deadline) {
    if (await answers(port, 'readyz')) return;
    await sleep(50);
  }
  const ended = !isAlive(pid);
  if (!ended) process.kill(pid, 'SIGKILL');
  const lastWords = lastLines(await readFile(logFile, 'utf8'));
  throw new Error(
    `The relay ${ended ? 'ended at once' : `was not ready after ${readyTimeoutMs / 1000} s`}. Its last words:\n${lastWords}`,
  );
}

async function stopRelay(folder: string, pid: number): Promise<void> {
  await rm(join(folder, 'relay.json'), { force: true });
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGTERM');
  for (const deadline = Date.now() + stopTimeoutMs; isAlive(pid); await sleep(50)) {
    if (Date.now() < deadline) continue;
    process.kill(pid, 'SIGKILL');
    return;
  }
}

async function answers(port: number, path: string): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, { signal: AbortSignal.timeout(1_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}

function logFileOf(folder: string): string {
  return join(folder, 'relay.log');
}
