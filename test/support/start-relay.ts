/**
 * Real relays for tests, on port 0 of 127.0.0.1, with their data in a temporary folder.
 *
 *   const relay = await startRelay();                    in this process: relay.store, relay.hub, relay.admin at hand
 *   const relay = await startRelay({ config: { registration: 'invite', heartbeatMs: 200, deadAfterMs: 500 } });
 *   relay.address                                        'http://127.0.0.1:41234', what a person types into the app
 *   await relay.stop();                                  stops in order and removes the temporary folder
 *
 *   const relay = await spawnRelay();                    `parley-relay serve` as a process of its own
 *   await relay.kill();                                  kill -9
 *   await spawnRelay({ dataDir: relay.dataDir, port: relay.port });    the same relay again, at the same address
 *   await relay.stop();                                  SIGTERM; answers the exit code; keeps a given dataDir
 *
 * Signatures:
 *   startRelay(options?: { config?: Partial<Config>; dataDir?: string; port?: number; clock?: Clock; log?: Log }): Promise<TestRelay>
 *   spawnRelay(options?: { args?: string[]; env?: Record<string, string>; dataDir?: string; port?: number; entry?: string }): Promise<SpawnedRelay>
 *
 * Unlike a real relay's, registration is open and HTTP has no rate limits, unless the options say otherwise.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import type { Config } from '../../signaling-server/config/settings-table.ts';
import type { Clock } from '../../signaling-server/ports/clock.ts';
import type { Log } from '../../signaling-server/ports/log.ts';
import { startRelay as startRealRelay, type Relay } from '../../signaling-server/start-relay.ts';
import { endWithParent } from './end-with-parent.ts';
import { removeFolder, temporaryFolder, testConfig } from './relay-config.ts';

export interface TestRelayOptions {
  readonly config?: Partial<Config>;
  /** Kept when the relay stops; without it a temporary one is made and removed. */
  readonly dataDir?: string;
  readonly port?: number;
  readonly clock?: Clock;
  readonly log?: Log;
}

export interface TestRelay extends Omit<Relay, 'url'> {
  readonly address: string;
  readonly dataDir: string;
}

export const relayEntry = resolve(import.meta.dirname, '../../signaling-server/index.ts');

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

export async function startRelay(options: TestRelayOptions = {}): Promise<TestRelay> {
  const { config = {}, clock = Date.now, log = silent } = options;
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const relay = await startRealRelay({
    config: testConfig({ port: options.port ?? 0, ...config, data: dataDir }),
    clock,
    log,
  });
  return {
    ...relay,
    address: relay.url,
    dataDir,
    async stop() {
      await relay.stop();
      if (options.dataDir === undefined) await removeFolder(dataDir);
    },
  };
}

export interface SpawnOptions {
  /** Further flags of `serve`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly dataDir?: string;
  readonly port?: number;
  /** The relay's program, where it is not this version's. */
  readonly entry?: string;
}

export interface SpawnedRelay {
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  /** What it wrote so far, log lines and all. */
  output(): string;
  /** `kill -9`; resolves when the process is gone. The data stays, for the next relay. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code. Removes the data unless its folder was given. */
  stop(): Promise<number>;
}

/** @throws Error with the process's last words when it ends before it listens. */
export async function spawnRelay(options: SpawnOptions = {}): Promise<SpawnedRelay> {
  const { entry = relayEntry } = options;
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const limits = [
    '--requests-per-minute',
    '--logins-per-minute',
    '--login-failures-per-hour',
    '--registrations-per-hour',
    '--lookups-per-minute',
    '--uploads-per-minute',
  ];
  const args = [
    ...[entry, 'serve', '--data', dataDir, '--host', '127.0.0.1', '--port', String(options.port ?? 0)],
    ...['--registration', 'open', ...limits.flatMap((flag) => [flag, '0']), ...(options.args ?? [])],
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithParent(child);
  // Not before its last words are read.
  const ended = new Promise<number>((done) => child.once('close', (code) => done(code ?? -1)));
  const output = collectOutput(child);
  const port = await listeningPort(child, ended, output);
  return {
    address: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? -1,
    dataDir,
    output: () => output.text,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      const code = await ended;
      if (options.dataDir === undefined) await removeFolder(dataDir);
      return code;
    },
  };
}

function collectOutput(child: ChildProcess): { text: string } {
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (output.text += chunk));
  }
  return output;
}

function listeningPort(child: ChildProcess, ended: Promise<number>, output: { text: string }): Promise<number> {
  return new Promise((done, failed) => {
    const look = (): void => {
      const line = output.text.split('\n').find((each) => each.includes('"relay.listening"'));
      const port = /"port":(\d+)/.exec(line ?? '')?.[1];
      if (port !== undefined) done(Number(port));
    };
    child.stdout?.on('data', look);
    void ended.then((code) => failed(new Error(`The relay ended with ${code}: ${output.text}`)));
  });
}
