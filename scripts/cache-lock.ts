/** Lets several runs share the cache: one prepares a thing, the others wait and find it ready. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 200;
/** A lock folder with no readable owner is between `mkdir` and `writeFile`, or its owner died just there. */
const ownerGraceMs = 5_000;

interface LockOptions {
  /** Called once when another run holds the lock. */
  readonly onWait?: (ownerPid: number) => void;
}

/** Runs `work` while no other process on this machine runs work under the same `lockDir`. */
export async function withLock<T>(lockDir: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  await acquire(lockDir, options);
  try {
    return await work();
  } finally {
    await rm(lockDir, { recursive: true, force: true });
  }
}

/**
 * Fills a temporary folder beside `target` and renames it into place, so that `target` is whole or absent.
 * When `target` appeared meanwhile, the other one is kept.
 */
export async function createFolder(target: string, fill: (dir: string) => Promise<void>): Promise<void> {
  const temporary = `${target}.${randomUUID().slice(0, 8)}.part`;
  await mkdir(temporary, { recursive: true });
  try {
    await fill(temporary);
    await rename(temporary, target).catch((error: unknown) => {
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

async function acquire(lockDir: string, { onWait }: LockOptions): Promise<void> {
  await mkdir(dirname(lockDir), { recursive: true });
  let ownerless = 0;
  let announced = false;
  while (!(await tryAcquire(lockDir))) {
    const owner = await readOwner(lockDir);
    ownerless = owner === undefined ? ownerless + pollMs : 0;
    if ((owner !== undefined && !isAlive(owner)) || ownerless > ownerGraceMs) await discard(lockDir);
    else if (owner !== undefined && !announced) onWait?.(owner);
    announced ||= owner !== undefined;
    await sleep(pollMs);
  }
}

async function tryAcquire(lockDir: string): Promise<boolean> {
  try {
    await mkdir(lockDir);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  await writeFile(join(lockDir, 'pid'), String(process.pid));
  return true;
}

async function readOwner(lockDir: string): Promise<number | undefined> {
  const text = await readFile(join(lockDir, 'pid'), 'utf8').catch(() => '');
  return Number.parseInt(text, 10) || undefined;
}

/** Renames first: of two runs that both saw the dead owner, only one takes the folder away. */
async function discard(lockDir: string): Promise<void> {
  const dead = `${lockDir}.${randomUUID().slice(0, 8)}.dead`;
  await rename(lockDir, dead).catch(() => undefined);
  await rm(dead, { recursive: true, force: true });
}
