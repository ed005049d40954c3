/** Decides which Electron runs an app on this machine and gets it ready. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  canUseDevelopmentRuntime,
  developmentVersion,
  developmentWarning,
  prepareDevelopmentRuntime,
} from './electron-development.ts';
import { prepareElectronPackage, type PackageResult } from './electron-package.ts';
import { stageRuntime } from './electron-staging.ts';
import { cacheDir, projectDir, type Env, type Log } from './project.ts';
import { sandboxArgs } from './sandbox.ts';

export interface ElectronRuntime {
  /** `development` is an old stand-in for development and tests only. */
  readonly source: 'override' | 'package' | 'development';
  readonly executable: string;
  /** The unpacked Electron without any app, as electron-builder's `electronDist` takes it. */
  readonly distDir: string;
  /** As in `33.2.1`; `unknown` when an override folder does not say. */
  readonly version: string;
  /** What to pass before the app's own arguments. */
  readonly launchArgs: readonly string[];
}

export interface Distribution {
  readonly source: ElectronRuntime['source'];
  readonly distDir: string;
  readonly version: string;
}

/** Where distributions come from; tests put their own in. */
export interface DistributionSources {
  readonly fromPackage: () => Promise<PackageResult>;
  readonly canUseDevelopment: () => boolean;
  readonly fromDevelopment: () => Promise<string>;
}

interface PrepareOptions {
  /** The folder with the app's package.json. */
  readonly appDir: string;
  readonly log: Log;
  readonly env?: Env;
}

/** Throws an error for people when no Electron can be had. Safe to run several times at once. */
export async function prepareElectron({ appDir, log, env = process.env }: PrepareOptions): Promise<ElectronRuntime> {
  const cache = cacheDir(env);
  await mkdir(cache, { recursive: true });
  const distribution = await chooseDistribution(env, {
    fromPackage: () => prepareElectronPackage(cache, log, env),
    canUseDevelopment: canUseDevelopmentRuntime,
    fromDevelopment: () => prepareDevelopmentRuntime(cache, log),
  });
  if (distribution.source === 'development') developmentWarning.forEach((line) => log(line));
  return launchable(distribution, resolve(appDir), log);
}

/** The order: an override by environment, the `electron` package's binary, the development runtime. */
export async function chooseDistribution(env: Env, sources: DistributionSources): Promise<Distribution> {
  const override = env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override) return readOverride(resolve(override));
  const packaged = await sources.fromPackage();
  if (!('failure' in packaged)) return { source: 'package', ...packaged };
  if (!sources.canUseDevelopment()) throw new Error(noElectronMessage(packaged.failure));
  return { source: 'development', distDir: await sources.fromDevelopment(), version: developmentVersion };
}

function readOverride(distDir: string): Distribution {
  const executable = join(distDir, executableName());
  if (!existsSync(executable)) {
    throw new Error(
      `ELECTRON_OVERRIDE_DIST_PATH is set, but ${executable} does not exist. Point it at an unpacked Electron, or unset it.`,
    );
  }
  const versionFile = join(distDir, 'version');
  const version = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim().replace(/^v/, '') : 'unknown';
  return { source: 'override', distDir, version };
}

async function launchable(
  { source, distDir, version }: Distribution,
  appDir: string,
  log: Log,
): Promise<ElectronRuntime> {
  const sandbox = await sandboxArgs(distDir, log);
  if (takesAppPath(distDir)) {
    return { source, distDir, version, executable: join(distDir, executableName()), launchArgs: [...sandbox, appDir] };
  }
  const stage = await stageRuntime({ distDir, appDir, stagesDir: join(projectDir, 'build/electron-development') });
  return { source, distDir, version, executable: join(stage, executableName()), launchArgs: sandbox };
}

/** An Electron without its default app runs what lies at `resources/app` and ignores a path argument. */
function takesAppPath(distDir: string): boolean {
  return process.platform !== 'linux' || existsSync(join(distDir, 'resources/default_app.asar'));
}

function executableName(): string {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

function noElectronMessage(failure: string): string {
  return (
    `Electron could not be downloaded: ${failure}\n` +
    'Check the network or its proxy settings (HTTPS_PROXY, ELECTRON_MIRROR) and run this again,\n' +
    'or unpack an Electron yourself and set ELECTRON_OVERRIDE_DIST_PATH to its folder.'
  );
}
