/** Starts the relay under test, or the bare one, on one core, and waits until it answers. */
import { freePort } from '../../test/support/free-port.ts';
import { MeasuredProcess } from './process.ts';

export interface RunningRelay {
  readonly process: MeasuredProcess;
  readonly address: string;
}

export const relayCore = 0;
export const generatorCore = 1;

/** Limits that a benchmark lifts: one address plays everybody. */
const liftedForAddresses = [
  '--max-connections-per-address=1000000',
  '--max-greetings-per-address=1000000',
  '--requests-per-minute=1000000',
];
const liftedForDevices = [
  '--sends-per-second=1000000',
  '--send-burst=1000000',
  '--frames-per-second=1000000',
  '--frame-burst=1000000',
];

export interface ParleyOptions {
  /** A free one if not given. */
  readonly port?: number;
  /** `limited`: each device is held to what a relay allows by default. */
  readonly devices?: 'limited' | 'unlimited';
  /** More flags. */
  readonly args?: readonly string[];
}

/** @param dataDir seeded with people. The bundle in `build/relay` must be fresh. */
export async function startParley(
  dataDir: string,
  { port: given, devices = 'unlimited', args: more = [] }: ParleyOptions = {},
): Promise<RunningRelay> {
  const port = given ?? (await freePort());
  const lifted = [...liftedForAddresses, ...(devices === 'unlimited' ? liftedForDevices : [])];
  const args = [
    'build/relay/index.js',
    'serve',
    `--data=${dataDir}`,
    `--port=${port}`,
    '--host=127.0.0.1',
    '--registration=open',
    ...more,
  ];
  return listening(new MeasuredProcess(relayCore, [...args, '--log-level=error', ...lifted]), port);
}

export async function startBare(peopleFile: string): Promise<RunningRelay> {
  const port = await freePort();
  return listening(new MeasuredProcess(relayCore, ['bench/relays/bare-relay.ts', peopleFile, String(port)]), port);
}

async function listening(process: MeasuredProcess, port: number): Promise<RunningRelay> {
  const address = `http://127.0.0.1:${port}`;
  await untilAnswering(`${address}/healthz`, process);
  return { process, address };
}

/** Asks every few milliseconds until there is any HTTP answer; gives up after 30 s or when the process ended. */
export async function untilAnswering(url: string, process: MeasuredProcess): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline && process.child.exitCode === null) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  throw new Error(`Nothing answers at ${url}.`);
}
