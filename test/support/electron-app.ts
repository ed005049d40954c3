/** Starts the real desktop app for end-to-end tests, on whichever Electron this machine has. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
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

/** @throws when the window does not show within Playwright's own time limit. */
export async function launchParley(options: LaunchOptions = {}): Promise<ParleyApp> {
  const runtime = await runtimeFor(options);
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'parley-profile-')));
  const app = await _electron.launch({
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

/** The window with the app page, once it is loaded. */
export async function appPage(app: ElectronApplication): Promise<Page> {
  const isAppPage = (page: Page): boolean => page.url().startsWith(appPageUrl);
  const page = app.windows().find(isAppPage) ?? (await app.waitForEvent('window', isAppPage));
  await page.waitForLoadState('domcontentloaded');
  return page;
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
