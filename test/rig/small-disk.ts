/** A real disk that runs full: a tmpfs of its own (Linux, root). The one of test/support lives and dies with one test. */
import { execFileSync } from 'node:child_process';
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly dir: string;
  /** Takes all the room there is. */
  fill(): void;
  free(): void;
  /** Takes it away; `keep` leaves a copy of what is on it beside it. */
  remove(keep?: boolean): void;
}

/** @param mebibytes its whole size. */
export function makeSmallDisk(dir: string, mebibytes: number): SmallDisk {
  mkdirSync(dir, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', dir], { stdio: 'ignore' });
  const filler = join(dir, 'filler');
  return {
    dir,
    fill: () => fillUp(filler),
    free: () => rmSync(filler, { force: true }),
    remove(keep = false) {
      if (keep) cpSync(dir, `${dir}-kept`, { recursive: true });
      execFileSync('umount', ['--lazy', dir], { stdio: 'ignore' });
    },
  };
}

function fillUp(path: string): void {
  const file = openSync(path, 'w');
  for (const size of [1024 * 1024, 4096]) {
    const block = Buffer.alloc(size);
    try {
      while (writeSync(file, block) === size);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
}

/** Root in a container may still not be allowed to. */
export function canMakeDisks(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const dir = mkdtempSync(join(tmpdir(), 'parley-rig-disk-'));
  try {
    makeSmallDisk(dir, 1).remove();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
