/** `npm start`: builds Parley, starts a relay for it and opens the desktop app on it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { isAlive } from './cache-lock.ts';
import { ensureDisplay, type Display } from './display.ts';
import type { ElectronRuntime } from './electron-runtime.ts';
import { prepareAll } from './prepare.ts';
import { projectDir } from './project.ts';
import { followFile, formatLogLine, isChromiumNoise } from './log-lines.ts';
import { joinRelaySession, type RelaySession } from './relay-session.ts';

const usage = `npm start                       build, start a relay, open the app
npm start -- --profile bob      open another window as another person, on the same relay

  --profile NAME   the app's profile (default: default)
  --port N         the relay's port (default: 8080, or a free one)
  --data DIR       the relay's data folder (default: .cache/relay)
  --help           this text`;

const appPatienceMs = 10_000;

interface StartOptions {
  readonly profile: string;
  readonly port: number;
  readonly dataDir: string;
}

class UsageError extends Error {}

const log = (line: string): void => console.log(line);

async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === 'help') {
    log(usage);
    return 0;
  }
  const runtime = await prepareAll({ log });
  const relay = await joinRelaySession({
    entry: join(projectDir, 'build/relay/index.js'),
    dataDir: options.dataDir,
    port: options.port,
    beforeFirst: build,
    onWait: () => log('Waiting for another `npm start` …'),
  });
  const stopLog = relay.reused ? () => {} : followFile(relay.logFile, (line) => log(`relay │ ${formatLogLine(line)}`));
  try {
    return await runAppOn(relay, runtime, options);
  } finally {
    const others = await relay.leave();
    stopLog();
    log(others > 0 ? `The relay goes on for ${others} other window(s).` : 'The relay has stopped.');
  }
}

function parseOptions(args: string[]): StartOptions | 'help' {
  const flags = readFlags(args);
  if (flags.help) return 'help';
  const port = Number(flags.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new UsageError(`--port ${flags.port} is not a port: give a number from 1 to 65535.`);
  if (!/^[a-z0-9][a-z0-9._-]{0,31}$/i.test(flags.profile)) {
    throw new UsageError(
      `--profile ${flags.profile} is not a profile name: use letters, digits, dots, dashes (for example: --profile bob).`,
    );
  }
  return { profile: flags.profile, port, dataDir: resolve(projectDir, flags.data) };
}

function readFlags(args: string[]): { profile: string; port: string; data: string; help: boolean } {
  try {
    return parseArgs({
      args,
      options: {
        profile: { type: 'string', default: 'default' },
        port: { type: 'string', default: '8080' },
        data: { type: 'string', default: '.cache/relay' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function build(): Promise<void> {
  log('Building …');
  const start = performance.now();
  const child = spawn('npm', ['run', '--silent', 'build'], {
    cwd: projectDir,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  const code = await exitCode(child);
  if (code !== 0) throw new Error('The build failed; see above.');
  log(`✓ built (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}

async function runAppOn(relay: RelaySession, runtime: ElectronRuntime, options: StartOptions): Promise<number> {
  const display = await ensureDisplay({ log });
  const watch = warnWhenGone(relay.pid);
  try {
    const profilesDir = join(projectDir, '.cache/profiles');
    announce(relay, display, profilesDir, options);
    const app = openApp(runtime, ['--profile', options.profile], {
      ...display.env,
      PARLEY_RELAY_SUGGESTION: `http://localhost:${relay.port}`,
      PARLEY_PROFILES_DIR: profilesDir,
    });
    const release = stopOnSignals(app);
    const code = await exitCode(app);
    release();
    log(code === 0 ? 'The app has closed.' : `The app ended with ${code}.`);
    return code;
  } finally {
    clearInterval(watch);
    await display.stop();
  }
}

function announce(
  relay: RelaySession,
  display: Display,
  profilesDir: string,
  { profile, dataDir }: StartOptions,
): void {
  log(`
  Relay      http://localhost:${relay.port}${relay.reused ? ' (already running: used again)' : ''}
             data in ${dataDir}, log in ${relay.logFile}
  App        profile "${profile}", data in ${join(profilesDir, profile)}
  Display    ${display.virtual ? `VIRTUAL (${display.env['DISPLAY']}): this machine has no display, so no window will be seen` : 'yours'}

  Talk to yourself: in another terminal  npm start -- --profile ${profile === 'bob' ? 'carol' : 'bob'}
  To stop: close the window or press Ctrl+C.
`);
}

/** Its own process group, so that Ctrl+C reaches it once, from here. */
function openApp(
  runtime: ElectronRuntime,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const app = spawn(runtime.executable, [...runtime.launchArgs, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  for (const stream of [app.stdout, app.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', showAppLine);
  }
  return app;
}

function showAppLine(line: string): void {
  if (line !== '' && !isChromiumNoise(line)) log(`app   │ ${formatLogLine(line)}`);
}

/** The first signal asks the app to quit; a second one, or its silence, ends it. */
function stopOnSignals(app: ChildProcess): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let asked = false;
  const stop = (): void => {
    if (asked) return void app.kill('SIGKILL');
    asked = true;
    log('\nStopping …');
    app.kill('SIGTERM');
    setTimeout(() => app.kill('SIGKILL'), appPatienceMs).unref();
  };
  const atExit = (): void => void app.kill('SIGKILL');
  signals.forEach((signal) => process.on(signal, stop));
  process.once('exit', atExit);
  return () => process.removeListener('exit', atExit);
}

function warnWhenGone(relayPid: number): NodeJS.Timeout {
  const timer = setInterval(() => {
    if (isAlive(relayPid)) return;
    clearInterval(timer);
    log('The relay has ended by itself; the app will say that it cannot be reached. Start again to bring it back.');
  }, 1_000);
  return timer;
}

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof UsageError) console.error(`\n${usage}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
