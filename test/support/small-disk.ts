/** A real disk that really runs full: a small tmpfs of its own (Linux, root). */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const canMakeDisks = process.platform === 'linux' && process.getuid?.() === 0 && mounts();

export interface SmallDisk {
  readonly dir: string;
  /** Takes all the room there is. */
  fill(): void;
  /** Gives it back. */
  free(): void;
}

/** Gone when the test is over. @param mebibytes its whole size. */
export function makeSmallDisk(mebibytes: number): SmallDisk {
  const dir = mkdtempSync(join(tmpdir(), 'parley-disk-'));
  mount(dir, mebibytes);
  onTestFinished(() => unmount(dir));
  const filler = join(dir, 'filler');
  return {
    dir,
    fill: () => fillUp(filler),
    free: () => rmSync(filler),
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

function mount(dir: string, mebibytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', dir], { stdio: 'ignore' });
}

function unmount(dir: string): void {
  execFileSync('umount', ['--lazy', dir], { stdio: 'ignore' });
  rmSync(dir, { recursive: true, force: true });
}

/** Root in a container may still not be allowed to. */
function mounts(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'parley-disk-'));
  try {
    mount(dir, 1);
    unmount(dir);
    return true;
  } catch {
    rmSync(dir, { recursive: true, force: true });
    return false;
  }
}
