/** Gives windows a screen: the user's own, or a virtual one (Xvfb) where there is none. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import type { Readable } from 'node:stream';
import type { Env, Log } from './project.ts';

export interface Display {
  /** To be added to the environment of programs that open windows. */
  readonly env: Readonly<Record<string, string>>;
  readonly virtual: boolean;
  /** Closes a virtual display, and waits for it; does nothing to a real one. */
  stop(): Promise<void>;
}

interface DisplayOptions {
  readonly log: Log;
  /** Size of a virtual screen in pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly env?: Env;
}

const startTimeoutMs = 20_000;

/** Throws an error for people when a virtual display is needed and Xvfb does not start. */
export async function ensureDisplay({
  log,
  width = 1920,
  height = 1200,
  env = process.env,
}: DisplayOptions): Promise<Display> {
  if (await hasNativeDisplay(env)) return { env: {}, virtual: false, stop: async () => {} };
  if (env['DISPLAY']) log(`DISPLAY is ${env['DISPLAY']}, but nothing answers there.`);
  return startVirtualDisplay(log, width, height);
}

/** True where a window can open as things are; asks a local X server whether it is really there. */
export async function hasNativeDisplay(env: Env = process.env, platform: string = process.platform): Promise<boolean> {
  if (platform !== 'linux') return true;
  if (env['WAYLAND_DISPLAY']) return true;
  const display = env['DISPLAY'];
  if (!display) return false;
  const socket = localSocketOf(display);
  if (socket === undefined) return true;
  return (existsSync(socket) && (await accepts(socket))) || (await accepts(`\0${socket}`));
}

/** The socket of a display such as `:0` or `:0.0`; undefined for one on another host. */
export function localSocketOf(display: string): string | undefined {
  const number = /^(?:unix)?:(\d+)(?:\.\d+)?$/.exec(display)?.[1];
  return number === undefined ? undefined : `/tmp/.X11-unix/X${number}`;
}

/** Xvfb picks a free number itself and says it on a pipe once it is ready, so runs don't race for one. */
async function startVirtualDisplay(log: Log, width: number, height: number): Promise<Display> {
  const args = [
    '-displayfd',
    '3',
    '-screen',
    '0',
    `${width}x${height}x24`,
    '-dpi',
    '96',
    '-nolisten',
    'tcp',
    '-noreset',
  ];
  // Its own process group: Ctrl+C in the terminal must not take the display away while apps are closing.
  const child = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true });
  const number = await displayNumber(child);
  const kill = (): void => void child.kill('SIGTERM');
  process.once('exit', kill);
  child.unref();
  log(`No display here: using a virtual one, :${number} (${width}×${height}). Nothing will be seen on a screen.`);
  return {
    env: { DISPLAY: `:${number}` },
    virtual: true,
    stop: async () => {
      process.removeListener('exit', kill);
      await stopChild(child);
    },
  };
}

function displayNumber(child: ChildProcess): Promise<string> {
  const pipe = child.stdio[3] as Readable;
  let said = '';
  let complaints = '';
  pipe.setEncoding('utf8');
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`The virtual display (Xvfb) did not start: ${why}\n${complaints.trim()}`.trim()));
    };
    const timer = setTimeout(() => fail(`no answer in ${startTimeoutMs / 1000} s`), startTimeoutMs);
    child.once('error', (error) => fail(`${error.message}. Is the package xvfb installed?`));
    child.once('exit', (code) => fail(`it ended with ${code}`));
    pipe.on('data', (text: string) => {
      said += text;
      if (!said.includes('\n')) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      releaseStreams(child);
      resolve(said.trim());
    });
  });
}

/** The pipes alone must not keep this process alive. */
function releaseStreams(child: ChildProcess): void {
  for (const stream of child.stdio)
    if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
  await gone;
  clearTimeout(timer);
}

function accepts(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    const done = (answer: boolean) => (): void => {
      connection.destroy();
      resolve(answer);
    };
    connection.once('connect', done(true));
    connection.once('error', done(false));
  });
}
