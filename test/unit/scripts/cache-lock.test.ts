/** Runs that share the cache take turns, and a dead one holds nobody up. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolder, withLock } from '../../../scripts/cache-lock.ts';

const newDir = () => mkdtempSync(join(tmpdir(), 'parley-lock-'));

test('two runs never hold the lock at once', async () => {
  const lock = join(newDir(), 'x.lock');
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside--;
  };
  await Promise.all([withLock(lock, work), withLock(lock, work), withLock(lock, work)]);
  expect(most).toBe(1);
  expect(existsSync(lock)).toBe(false);
});

test('the lock of a dead process is taken over', async () => {
  const lock = join(newDir(), 'x.lock');
  mkdirSync(lock);
  writeFileSync(join(lock, 'pid'), String(2 ** 22 + 1)); // above Linux's highest process id
  expect(await withLock(lock, async () => 'done')).toBe('done');
});

test('work that fails gives the lock back and passes its error on', async () => {
  const lock = join(newDir(), 'x.lock');
  await expect(withLock(lock, () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
  expect(existsSync(lock)).toBe(false);
});

test('a folder appears whole or not at all', async () => {
  const parent = newDir();
  const failing = createFolder(join(parent, 'target'), async (dir) => {
    writeFileSync(join(dir, 'half'), '');
    throw new Error('no disk');
  });
  await expect(failing).rejects.toThrow('no disk');
  expect(readdirSync(parent)).toEqual([]);
});
