/** Gives better-sqlite3 a binary that an old Electron can load, and takes it away again when it isn't needed. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './cache-lock.ts';
import type { ElectronRuntime } from './electron-runtime.ts';
import { withNodeHeaders } from './node-headers.ts';
import { cacheDir, projectDir, type Log } from './project.ts';
import { runOrThrow } from './run-command.ts';

const packageDir = join(projectDir, 'node_modules/better-sqlite3');
const placedFile = join(packageDir, 'build/Release/better_sqlite3.node');
/** The first Electron with Node-API 10, which better-sqlite3's own binaries need. */
const firstElectronWithNapi10 = 35;
/**
 * The package asks for Node-API 10 because it keeps references to strings; older hosts allow that only to modules that
 * declare themselves experimental. The macro, not just the number, must be set: it makes node-addon-api put off what
 * must not run during garbage collection, without which Electron 33 ends the process at the first collected statement.
 */
const compilerFlags = '-UNAPI_VERSION -DNAPI_EXPERIMENTAL -w';
const buildTimeoutMs = 15 * 60_000;

interface BindingOptions {
  readonly runtime: Pick<ElectronRuntime, 'source' | 'version'>;
  readonly log: Log;
  readonly cache?: string;
}

/**
 * Puts a binary built from source where better-sqlite3's loader prefers it, when the runtime is too old for the
 * package's own; building takes about 80 s once per machine. Otherwise removes one that was put there before.
 * Resolves to the binary's path, or null when the package's own is used.
 */
export async function prepareSqliteBinding({
  runtime,
  log,
  cache = cacheDir(),
}: BindingOptions): Promise<string | null> {
  if (!needsOwnBinding(runtime.version)) {
    await rm(join(packageDir, 'build'), { recursive: true, force: true });
    return null;
  }
  const cached = join(cache, bindingName());
  if (!existsSync(cached)) {
    await withLock(`${cached}.lock`, () => build(cached, log), {
      onWait: (pid) => log(`Waiting for another run (process ${pid}) that is building better-sqlite3 …`),
    });
  }
  if (!(await isSameFile(cached, placedFile))) await place(cached);
  return placedFile;
}

export function needsOwnBinding(electronVersion: string): boolean {
  const major = Number.parseInt(electronVersion, 10);
  return major < firstElectronWithNapi10;
}

function bindingName(): string {
  const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  const flags = createHash('sha256').update(compilerFlags).digest('hex').slice(0, 8);
  return `better-sqlite3-${version}-${process.platform}-${process.arch}-${flags}.node`;
}

/** Builds in a copy, so that node_modules never holds a half-built package. */
async function build(cached: string, log: Log): Promise<void> {
  if (existsSync(cached)) return;
  log('Building better-sqlite3 from source for this old Electron (1 to 2 min, once) …');
  const workshop = await mkdtemp(join(tmpdir(), 'parley-sqlite-'));
  try {
    const copy = join(workshop, 'node_modules/better-sqlite3');
    await cp(packageDir, copy, { recursive: true, filter: (path) => !/better-sqlite3\/(build|prebuilds)$/.test(path) });
    await cp(join(projectDir, 'node_modules/node-addon-api'), join(workshop, 'node_modules/node-addon-api'), {
      recursive: true,
    });
    await withNodeHeaders(log, (nodeDir) => compile(copy, nodeDir));
    await copyInto(join(copy, 'build/Release/better_sqlite3.node'), cached);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function compile(packageCopy: string, nodeDir: string): Promise<void> {
  const nodeGyp = join(projectDir, 'node_modules/node-gyp/bin/node-gyp.js');
  const args = [nodeGyp, 'rebuild', '--release', '--force_build=1', `--nodedir=${nodeDir}`];
  const env = { ...process.env, CXXFLAGS: compilerFlags };
  await runOrThrow('Building better-sqlite3 (it needs python3, make and g++)', process.execPath, args, {
    cwd: packageCopy,
    env,
    timeoutMs: buildTimeoutMs,
  });
}

async function place(cached: string): Promise<void> {
  await mkdir(join(placedFile, '..'), { recursive: true });
  await copyInto(cached, placedFile);
}

/** A process that has the old file loaded keeps it: the new one takes the name, not the place. */
async function copyInto(from: string, to: string): Promise<void> {
  const part = `${to}.${process.pid}.part`;
  await copyFile(from, part);
  await rename(part, to);
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const sizes = await Promise.all(
    [a, b].map((file) =>
      stat(file)
        .then(({ size }) => size)
        .catch(() => -1),
    ),
  );
  if (sizes[0] !== sizes[1]) return false;
  return (await readFile(a)).equals(await readFile(b));
}
