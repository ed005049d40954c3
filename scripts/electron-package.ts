/** Finds, or has it download, the binary of the `electron` npm package. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './cache-lock.ts';
import { projectDir, type Env, type Log } from './project.ts';
import { lastLines, runCommand } from './run-command.ts';

const packageDir = join(projectDir, 'node_modules/electron');
const downloadTimeoutMs = 5 * 60_000;
/** After a failure nothing is tried for this long, so that starts are not delayed by a network that blocks it. */
const retryAfterMs = 6 * 60 * 60_000;

export interface PackagedElectron {
  readonly distDir: string;
  readonly version: string;
}

/** The downloaded binary's folder, or why there is none. */
export type PackageResult = PackagedElectron | { readonly failure: string };

/** Tries the package's own installer when the binary is missing; a recent failure is remembered in the cache. */
export async function prepareElectronPackage(cache: string, log: Log, env: Env = process.env): Promise<PackageResult> {
  const version = readPackageVersion();
  const present = readInstalled(version);
  if (present) return present;
  const memory = join(cache, `electron-${version}-download-failed.json`);
  const remembered = await readFailure(memory, Date.now());
  if (remembered) {
    log(
      `Not downloading Electron ${version}: it failed ${remembered.minutesAgo} min ago. To try again now, delete ${memory}`,
    );
    return { failure: remembered.reason };
  }
  return withLock(join(cache, 'electron-download.lock'), () => download({ version, memory, log, env }));
}

/** A failure recorded at most `retryAfterMs` before `now`, else undefined (also for a damaged record). */
export async function readFailure(
  file: string,
  now: number,
): Promise<{ reason: string; minutesAgo: number } | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const [at, ...reason] = text.split('\n');
  const age = now - Date.parse(at ?? '');
  if (!(age >= 0 && age < retryAfterMs)) return undefined;
  return { reason: reason.join('\n').trim(), minutesAgo: Math.round(age / 60_000) };
}

export async function rememberFailure(file: string, reason: string, now: number): Promise<void> {
  await writeFile(file, `${new Date(now).toISOString()}\n${reason}\n`);
}

async function download(task: { version: string; memory: string; log: Log; env: Env }): Promise<PackageResult> {
  const { version, memory, log, env } = task;
  const meanwhile = readInstalled(version);
  if (meanwhile) return meanwhile;
  log(`Downloading Electron ${version} (at most ${downloadTimeoutMs / 60_000} min) …`);
  const { ELECTRON_OVERRIDE_DIST_PATH: _, ...installerEnv } = env;
  const result = await runCommand(process.execPath, [join(packageDir, 'install.js')], {
    env: installerEnv,
    timeoutMs: downloadTimeoutMs,
  });
  const installed = readInstalled(version);
  if (result.code === 0 && installed) {
    await rm(memory, { force: true });
    return installed;
  }
  const reason = result.timedOut ? 'it took too long' : lastLines(result.stderr, 3) || 'the installer failed';
  log(`Electron ${version} could not be downloaded: ${reason}`);
  await rememberFailure(memory, reason, Date.now());
  return { failure: reason };
}

function readPackageVersion(): string {
  const file = join(packageDir, 'package.json');
  if (!existsSync(file)) throw new Error('The electron package is not installed. Run `npm ci` first.');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}

function readInstalled(version: string): PackagedElectron | undefined {
  const distDir = join(packageDir, 'dist');
  try {
    const executable = readFileSync(join(packageDir, 'path.txt'), 'utf8');
    const found = readFileSync(join(distDir, 'version'), 'utf8').trim().replace(/^v/, '');
    return found === version && existsSync(join(distDir, executable)) ? { distDir, version } : undefined;
  } catch {
    return undefined;
  }
}
