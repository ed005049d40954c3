/** Real nats-servers for tests, each on free ports of 127.0.0.1, that can be killed, paused and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { endWithParent } from './end-with-parent.ts';

export interface NatsServer {
  /** For the relay's bus: with the token, if there is one. */
  readonly url: string;
  readonly port: number;
  /** In good order; it may be started again. */
  stop(): Promise<void>;
  kill9(): Promise<void>;
  /** On the same ports. @returns once it answers. */
  restart(): Promise<void>;
  /** It keeps its connections and says nothing. @returns once it has stopped. */
  pause(): Promise<void>;
  resume(): void;
}

export interface NatsServerOptions {
  readonly token?: string | undefined;
  /** Of a cluster: the port where other servers connect, and theirs. */
  readonly cluster?: { readonly port: number; readonly routes: readonly number[] } | undefined;
  /** A free one by default. */
  readonly port?: number | undefined;
  /** Start it only with `restart`. */
  readonly later?: boolean | undefined;
  /** More lines for its configuration. */
  readonly args?: readonly string[] | undefined;
}

/** Those that run: a test process that ends early takes them with it. */
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

const startDeadlineMs = 10_000;
const host = '127.0.0.1';

export async function startNats(options: NatsServerOptions = {}): Promise<NatsServer> {
  const { token, cluster, later, args = [], port = await freePort() } = options;
  const folder = mkdtempSync(join(tmpdir(), 'parley-nats-'));
  const log = join(folder, 'log');
  const flags = [
    ...['-a', host, '-p', String(port), '-l', log, ...args],
    ...(token ? ['--auth', token] : []),
    ...(cluster ? ['--cluster_name', 'parley', '--cluster', `nats://${host}:${cluster.port}`] : []),
    ...(cluster ? ['--routes', cluster.routes.map((route) => `nats://${host}:${route}`).join(',')] : []),
  ];
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    child = endWithParent(spawn('nats-server', flags, { stdio: 'ignore' }));
    child.once('error', () => {});
    await until(
      async () => (await readInfo(port)) !== null,
      () => `nats-server does not start: ${readLog(log)}`,
    );
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = null;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    // One that is paused does not hear of an orderly end.
    if (signal !== 'SIGKILL') ending.kill('SIGCONT');
    ending.kill(signal);
    await exited;
  }

  if (!later) await start();
  return {
    url: `nats://${token ? `${token}@` : ''}${host}:${port}`,
    port,
    async stop() {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
    kill9: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM');
      await start();
    },
    async pause() {
      const paused = child;
      paused?.kill('SIGSTOP');
      await until(
        async () => isStopped(paused),
        () => 'nats-server does not pause',
      );
    },
    resume: () => void child?.kill('SIGCONT'),
  };
}

export interface NatsCluster {
  readonly servers: readonly NatsServer[];
  /** All of them, with commas. */
  readonly url: string;
  /** Resolves once every server that runs knows of that many. */
  joined(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Servers that pass everything on to one another. */
export async function startNatsCluster(size: number): Promise<NatsCluster> {
  const ports = await Promise.all(Array.from({ length: size }, freePort));
  const servers = await Promise.all(
    ports.map((port) => startNats({ cluster: { port, routes: ports.filter((other) => other !== port) } })),
  );
  const cluster: NatsCluster = {
    servers,
    url: servers.map(({ url }) => url).join(','),
    async joined(count) {
      for (const { port } of servers) {
        await until(
          async () => [null, count].includes((await readInfo(port))?.servers ?? null),
          () => 'the servers do not find each other',
        );
      }
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
  await cluster.joined(size);
  return cluster;
}

/** What a server says first to whoever connects; null if it does not. */
async function readInfo(port: number): Promise<{ servers: number } | null> {
  const socket = createConnection(port, host).setTimeout(1_000, () => socket.destroy());
  try {
    for (let text = ''; ; text += String((await once(socket, 'data'))[0])) {
      const info = /^INFO (.*)\r\n/.exec(text)?.[1];
      if (info) return { servers: (JSON.parse(info) as { connect_urls?: string[] }).connect_urls?.length ?? 1 };
    }
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}

/** By the state after the name in the system's list of processes. */
function isStopped(child: ChildProcess | null): boolean {
  return child === null || /[)] T /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8'));
}

async function until(condition: () => Promise<boolean>, failure: () => string): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(failure());
    await sleep(20);
  }
}

function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(-2_000);
  } catch {
    return 'it wrote nothing; is it installed?';
  }
}
