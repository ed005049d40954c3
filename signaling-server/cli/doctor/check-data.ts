/** Checks the data directory: there, ours, private, writable, with room. */
import { accessSync, constants, statSync, type Stats } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { describeBytes, readDiskSpace } from '../../observe/disk-space.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

export function checkDataDirectory(path: string): Finding[] {
  const folder = resolve(path);
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (!stats) return [checkParent(folder), checkDisk(folder)];
  if (!stats.isDirectory())
    return [fail('data directory', `${folder} is not a folder`, 'Name another one with --data.')];
  return [checkAccess(folder, stats), checkPrivacy(folder, stats), checkDisk(folder)];
}

function checkParent(folder: string): Finding {
  const found = `${folder} does not exist yet`;
  const parent = dirname(folder);
  return mayUse(parent)
    ? warn(
        'data directory',
        found,
        'The first `parley-relay serve` makes it. If data should be there, name its folder with --data.',
      )
    : fail(
        'data directory',
        `${found} and cannot be made in ${parent}`,
        `Make it, and give it to ${userInfo().username}.`,
      );
}

function checkAccess(folder: string, stats: Stats): Finding {
  if (mayUse(folder)) return ok('data directory', folder);
  const advice = `Run this as the user with number ${stats.uid}, or give the folder to ${userInfo().username} (chown -R).`;
  return fail('data directory', `${folder} cannot be written by ${userInfo().username}`, advice);
}

function checkPrivacy(folder: string, { mode, uid }: Stats): Finding {
  if (process.platform === 'win32') return ok('permissions', 'as the folder has them');
  if (process.getuid && uid !== process.getuid() && process.getuid() !== 0) {
    return warn(
      'permissions',
      `${folder} belongs to another user (number ${uid})`,
      'Run the relay and its commands as one user.',
    );
  }
  if ((mode & 0o077) === 0) return ok('permissions', 'for its owner alone');
  return warn('permissions', `others on this machine may look into ${folder}`, `chmod 700 ${folder}`);
}

function checkDisk(folder: string): Finding {
  const { state, freeBytes, totalBytes } = readDiskSpace(folder);
  const found = `${describeBytes(freeBytes)} free of ${describeBytes(totalBytes)}`;
  if (state === 'full') return fail('disk', found, 'Free some space: the relay does not start below 64 MiB.');
  return state === 'low' ? warn('disk', found, 'Free some space before it runs out.') : ok('disk', found);
}

function mayUse(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
