/** Turns Chromium's sandbox off where it can't work, and says so. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, type Log } from './project.ts';
import { runCommand } from './run-command.ts';

/** The arguments Electron needs here: none, unless this is Linux as root or without user namespaces. */
export async function sandboxArgs(distDir: string, log: Log): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const obstacle = isRoot() ? 'you are root' : await namespaceObstacle(distDir);
  if (obstacle === undefined) return [];
  log(`Chromium's sandbox is off for this run (--no-sandbox), because ${obstacle}. Fine for tests, not for real use.`);
  return ['--no-sandbox'];
}

async function namespaceObstacle(distDir: string): Promise<string | undefined> {
  if (isSetuidHelper(join(distDir, 'chrome-sandbox'))) return undefined;
  const { code } = await runCommand('unshare', ['--user', 'true']);
  return code === 0 ? undefined : 'this system lets ordinary users create no user namespaces';
}

function isSetuidHelper(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && stats.uid === 0 && (stats.mode & 0o4000) !== 0;
}
