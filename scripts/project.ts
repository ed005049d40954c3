/** Where the project and its per-user cache live on this machine. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

/** Takes one line for the person watching; scripts print it, tests collect it. */
export type Log = (line: string) => void;

export const projectDir = resolve(import.meta.dirname, '..');

/** The folder that survives clones and cleans: `PARLEY_CACHE_DIR`, else the XDG cache, else `~/.cache/parley`. */
export function cacheDir(env: Env = process.env, home: string = homedir()): string {
  if (env['PARLEY_CACHE_DIR']) return resolve(env['PARLEY_CACHE_DIR']);
  return join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'parley');
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
