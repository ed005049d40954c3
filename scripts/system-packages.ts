/** Sees to the Debian packages that Electron and its virtual display need: installs them, or names the command. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isRoot, type Env, type Log } from './project.ts';
import { runCommand, runOrThrow } from './run-command.ts';

export interface SystemNeeds {
  /** The Electron whose libraries must be found. */
  readonly executable: string;
  /** Whether a virtual display will be started. */
  readonly virtualDisplay: boolean;
}

/** Where this runs, for tests to vary. */
export interface PackageManager {
  readonly canInstall: boolean;
  /** False where there is no apt. */
  readonly present: boolean;
  /** Of the given names, those that can be installed. */
  available(names: readonly string[]): Promise<ReadonlySet<string>>;
  install(names: readonly string[]): Promise<void>;
}

/** Electron's libraries on Debian 12; later releases call some of them `<name>t64`. */
const electronPackages = [
  'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libatk-bridge2.0-0', 'libcups2', 'libxss1', 'libxtst6',
]; // prettier-ignore

/** Linux only. Throws an error with the exact command when packages are missing and can't be installed from here. */
export async function ensureSystemPackages(
  needs: SystemNeeds,
  log: Log,
  apt: PackageManager = createApt(log),
): Promise<void> {
  if (process.platform !== 'linux') return;
  const libraries = await missingLibraries(needs.executable);
  const wanted = [
    ...(libraries.length > 0 ? electronPackages : []),
    ...(needs.virtualDisplay && !isOnPath('Xvfb') ? ['xvfb'] : []),
  ];
  if (wanted.length === 0) return;
  await installPackages(wanted, describe(libraries, wanted), log, apt);
  const left = await missingLibraries(needs.executable);
  if (left.length > 0)
    throw new Error(`Electron still misses ${left.join(', ')} after installing ${wanted.join(', ')}.`);
}

/** The libraries that the loader can't find for `executable`. */
export async function missingLibraries(executable: string): Promise<string[]> {
  const { code, stdout } = await runCommand('ldd', [executable]);
  return code === 0 ? parseMissingLibraries(stdout) : [];
}

/** Reads lines such as `libnss3.so => not found`. */
export function parseMissingLibraries(lddOutput: string): string[] {
  return [...lddOutput.matchAll(/^\s*(\S+)\s+=>\s+not found$/gm)].map(([, name]) => name ?? '');
}

/** Picks for each package the name that exists on this release: the one given, or the one with `t64`. */
export function releaseNames(names: readonly string[], available: ReadonlySet<string>): string[] {
  return names.map((name) => (available.has(`${name}t64`) ? `${name}t64` : name));
}

/** Installs `names`, or throws with `reason` and the command that would. */
export async function installPackages(
  names: readonly string[],
  reason: string,
  log: Log,
  apt: PackageManager,
): Promise<void> {
  if (!apt.present) {
    throw new Error(
      `${reason}\nInstall them with your system's package manager (on Debian they are called: ${names.join(' ')}).`,
    );
  }
  if (!apt.canInstall) {
    const command = installCommand(releaseNames(names, await apt.available(withVariants(names))));
    throw new Error(`${reason}\nInstall them with:\n  sudo apt-get update && sudo ${command}`);
  }
  log(`${reason} Installing: ${names.join(' ')} …`);
  await apt.install(names);
}

export function isOnPath(program: string, env: Env = process.env): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Debian's and Ubuntu's own tool; installing needs root. */
export function createApt(log: Log): PackageManager {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const available = async (names: readonly string[]): Promise<ReadonlySet<string>> => {
    const { stdout } = await runCommand('apt-cache', ['policy', ...names], { env: { ...env, LC_ALL: 'C' } });
    return parseCandidates(stdout);
  };
  const install = async (names: readonly string[]): Promise<void> => {
    await runOrThrow('Reading the list of Debian packages', 'apt-get', ['update', '-qq'], { env });
    const exact = releaseNames(names, await available(withVariants(names)));
    const [command = '', ...args] = installCommand(exact).split(' ');
    await runOrThrow('Installing Debian packages', command, args, { env });
    log(`Installed: ${exact.join(' ')}`);
  };
  const present = isOnPath('apt-get');
  return { present, canInstall: present && isRoot(), available, install };
}

/** Names with an installable version in the output of `apt-cache policy`. */
export function parseCandidates(policy: string): ReadonlySet<string> {
  const blocks = policy.matchAll(/^(\S+):\n(?:[ \t].*\n)*?[ \t]+Candidate: (\S+)/gm);
  return new Set([...blocks].filter(([, , candidate]) => candidate !== '(none)').map(([, name]) => name ?? ''));
}

function withVariants(names: readonly string[]): string[] {
  return names.flatMap((name) => [name, `${name}t64`]);
}

function installCommand(names: readonly string[]): string {
  return `apt-get install -y --no-install-recommends ${names.join(' ')}`;
}

function describe(libraries: readonly string[], wanted: readonly string[]): string {
  const lacking = libraries.length > 0 ? [`Electron's libraries (${shorten(libraries)})`] : [];
  if (wanted.includes('xvfb'))
    lacking.push('the virtual display (Xvfb), which is needed because this machine has no display');
  return `Missing on this system: ${lacking.join(' and ')}.`;
}

function shorten(names: readonly string[], shown = 4): string {
  const rest = names.length - shown;
  return names.slice(0, shown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
