/** How long a failed download of Electron is remembered. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFailure, rememberFailure } from '../../../scripts/electron-package.ts';

const at = Date.parse('2026-11-23T06:00:00Z');
const hourMs = 3_600_000;

function memoryFile(): string {
  return join(mkdtempSync(join(tmpdir(), 'parley-memory-')), 'failed');
}

test('a failure is remembered with its reason', async () => {
  const file = memoryFile();
  await rememberFailure(file, 'fetch failed\nENOTFOUND', at);
  expect(await readFailure(file, at + 2 * hourMs)).toEqual({ reason: 'fetch failed\nENOTFOUND', minutesAgo: 120 });
});

test('after six hours, or with the clock set back, the download is tried again', async () => {
  const file = memoryFile();
  await rememberFailure(file, 'fetch failed', at);
  expect(await readFailure(file, at + 6 * hourMs)).toBeUndefined();
  expect(await readFailure(file, at - 1)).toBeUndefined();
});

test('no record, or a damaged one, is no failure', async () => {
  const file = memoryFile();
  expect(await readFailure(file, at)).toBeUndefined();
  writeFileSync(file, 'garbage');
  expect(await readFailure(file, at)).toBeUndefined();
});
