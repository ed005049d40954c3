/** Starts the real desktop app for end-to-end tests, on whichever Electron this machine has. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { _electron, errors, type ElectronApplication, type Page } from '@playwright/test';
import { prepareElectron, type ElectronRuntime } from '../../scripts/electron-runtime.ts';
import { projectDir } from '../../scripts/project.ts';
import { sandboxArgs } from '../../scripts/sandbox.ts';

export interface LaunchOptions {
  /** Name of the profile; `default` when left out. */
  readonly profile?: string;
  /** The profile's folder. Left out: a fresh one that `close` and `kill` take away. */
  readonly dataDir?: string;
  /** Relay address that the welcome screen is filled with. */
  readonly relaySuggestion?: string;
  /** Further arguments, such as a deep link. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The folder of the built app with its package.json; PARLEY_APP_DIR or the project itself when left out. */
  readonly appDir?: string;
  /** A packaged app's executable; no other runtime or app folder is used then. */
  readonly executable?: string;
}

export interface ParleyApp {
  readonly app: ElectronApplication;
  /** The app page, loaded. */
  readonly page: Page;
  readonly dataDir: string;
  /** The exit code, once the process has ended; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Quits as a person would, and waits for the end of the process. */
  close(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

export const appPageUrl = 'parley-app://app/';

const defaultAppDir = process.env['PARLEY_APP_DIR'] ?? projectDir;
const closeDeadlineMs = 15_000;
const launchDeadlineMs = 15_000;
const mostLaunches = 3;
const windowDeadlineMs = 30_000;

/** @throws when the window does not show in time. */
export async function launchParley(options: LaunchOptions = {}): Promise<ParleyApp> {
  const runtime = await runtimeFor(options);
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'parley-profile-')));
  const app = await startElectron({
    executablePath: runtime.executable,
    args: [...runtime.launchArgs, ...appArguments(options, dataDir)],
    env: environment(options),
    // Playwright would pretend a light system otherwise, whatever the app's theme.
    colorScheme: null,
  });
  const ended = once(app.process(), 'exit').then(([code]) => code as number | null);
  const page = await appPage(app);
  const cleanUp = options.dataDir ? async () => {} : () => rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  return {
    app,
    page,
    dataDir,
    ended,
    close: async () => {
      await closeApp(app);
      await cleanUp();
    },
    kill: async () => {
      app.process().kill('SIGKILL');
      await ended;
      await cleanUp();
    },
  };
}

/**
 * About one start in forty, Playwright's session with the inspector of Electron's main process gets no answer, though
 * the app runs well and answers other sessions (measured on Electron 33 with Playwright 1.65). Playwright ends that app
 * when the time is over; it is started again then.
 */
async function startElectron(options: Parameters<typeof _electron.launch>[0]): Promise<ElectronApplication> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await _electron.launch({ ...options, timeout: launchDeadlineMs });
    } catch (error) {
      if (!(error instanceof errors.TimeoutError) || attempt === mostLaunches) throw error;
      console.warn(`Playwright got no answer from Electron's inspector (try ${attempt}); starting it again.`);
    }
  }
}

/** Starts a second instance outside Playwright's reach, and waits for its end. @returns its exit code. */
export async function startSecondInstance(
  options: LaunchOptions & { readonly dataDir: string },
): Promise<number | null> {
  const runtime = await runtimeFor(options);
  const args = [...runtime.launchArgs, ...appArguments(options, options.dataDir)];
  const child = spawn(runtime.executable, args, { env: environment(options), stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** The window with the app page, once it is loaded. Looked for, because a new window has no address at first. */
export async function appPage(app: ElectronApplication): Promise<Page> {
  const deadline = Date.now() + windowDeadlineMs;
  for (;;) {
    const page = app.windows().find((window) => window.url().startsWith(appPageUrl));
    if (page) {
      await page.waitForLoadState('domcontentloaded');
      return page;
    }
    if (Date.now() > deadline) throw new Error(`No window showed the app page within ${windowDeadlineMs / 1000} s.`);
    await sleep(25);
  }
}

type Runtime = Pick<ElectronRuntime, 'executable' | 'launchArgs'>;

const runtimes = new Map<string, Promise<Runtime>>();

async function runtimeFor({ executable, appDir = defaultAppDir }: LaunchOptions): Promise<Runtime> {
  if (executable === undefined) return electronFor(appDir);
  return { executable, launchArgs: await sandboxArgs(dirname(executable), () => {}) };
}

function electronFor(appDir: string): Promise<Runtime> {
  const runtime = runtimes.get(appDir) ?? prepareElectron({ appDir, log: () => {} });
  runtimes.set(appDir, runtime);
  return runtime;
}

function appArguments({ profile, args = [] }: LaunchOptions, dataDir: string): string[] {
  return ['--data-dir', dataDir, ...(profile === undefined ? [] : ['--profile', profile]), ...args];
}

function environment({ relaySuggestion, env }: LaunchOptions): Record<string, string> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...Object.fromEntries(inherited.filter(([name]) => !name.startsWith('PARLEY_'))),
    ...(relaySuggestion === undefined ? {} : { PARLEY_RELAY_SUGGESTION: relaySuggestion }),
    ...env,
  };
}

async function closeApp(app: ElectronApplication): Promise<void> {
  const timer = setTimeout(() => app.process().kill('SIGKILL'), closeDeadlineMs);
  await app.close();
  clearTimeout(timer);
}
