/** Profiles: several people, or one person's several accounts, side by side; each has a folder and a lock of its own. */
import { join, resolve } from 'node:path';
import { ParleyError } from '../protocol/index.ts';
import type { CommandLine } from './command-line.ts';

export const defaultProfile = 'default';

export interface Profile {
  readonly name: string;
  /** Everything Parley keeps for this profile on this computer. */
  readonly dir: string;
}

/** Names that Windows keeps for devices. */
const reservedNames = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/;

/**
 * Lower-cased, because folders of some systems know no difference.
 * @throws ParleyError for a name that can't be a folder on every system.
 */
export function parseProfileName(name: string): string {
  const lower = name.trim().toLowerCase();
  if (/^[a-z0-9][a-z0-9._-]{0,31}$/.test(lower) && !lower.endsWith('.') && !reservedNames.test(lower)) return lower;
  throw new ParleyError('bad_request', {
    message: `"${name}" can't be the name of a profile. Use 1 to 32 of a-z, 0-9, dot, underscore and hyphen, starting with a letter or digit: --profile work`,
    field: 'profile',
  });
}

/**
 * `--data-dir` and PARLEY_DATA_DIR name the profile's own folder; PARLEY_PROFILES_DIR names the folder of all profiles.
 * @throws ParleyError for a name that can't be one.
 */
export function chooseProfile(
  { profile, dataDir }: CommandLine,
  env: Readonly<Record<string, string | undefined>>,
  appDataDir: string,
): Profile {
  const name = parseProfileName(profile ?? defaultProfile);
  const own = dataDir || env['PARLEY_DATA_DIR'];
  if (own) return { name, dir: resolve(own) };
  return { name, dir: join(resolve(env['PARLEY_PROFILES_DIR'] || join(appDataDir, 'Parley', 'profiles')), name) };
}

/** The title of the window; names the profile where it is not the usual one. */
export function windowTitle({ name }: Profile): string {
  return name === defaultProfile ? 'Parley' : `Parley (${name})`;
}
