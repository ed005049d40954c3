/** An older version of the relay that knows PostgreSQL, to be run beside this one. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const project = resolve(import.meta.dirname, '../..');
const entry = 'signaling-server/index.ts';
/** The last version that landed; a release's tag comes first. */
const landed = '60d3edfc9439b5523af003c22d3eda373ade9587';
const fleetsSince = 'signaling-server/adapters/postgres/postgres-store.ts';

export interface OlderRelay {
  readonly version: string;
  /** Its program. */
  readonly entry: string;
  remove(): void;
}

/**
 * The one of the folder that PARLEY_OLDER_RELAY names, or the last one that landed, of this repository's history.
 * @returns null when there is none with fleets, or no history.
 */
export function findOlderRelay(): OlderRelay | null {
  const folder = process.env['PARLEY_OLDER_RELAY'];
  if (folder) return { version: folder, entry: join(folder, entry), remove() {} };
  const version = [lastTag(), landed].find((each) => each !== null && hasFleets(each));
  return version ? unpack(version) : null;
}

function lastTag(): string | null {
  return git('describe', '--tags', '--abbrev=0', 'HEAD')?.trim() ?? null;
}

function hasFleets(version: string): boolean {
  return git('cat-file', '-e', `${version}:${fleetsSince}`) !== null;
}

/** With the packages of this version. */
function unpack(version: string): OlderRelay {
  const folder = mkdtempSync(join(tmpdir(), 'parley-older-'));
  const files = execFileSync('git', ['archive', version], { cwd: project, maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', folder], { input: files });
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
  if (!existsSync(join(folder, entry))) throw new Error(`The version ${version} has no ${entry}.`);
  return {
    version: git('rev-parse', '--short', version)?.trim() ?? version,
    entry: join(folder, entry),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** @returns what git said; null when it failed. */
function git(...args: readonly string[]): string | null {
  try {
    return execFileSync('git', [...args], { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}
