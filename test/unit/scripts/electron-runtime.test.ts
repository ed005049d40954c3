/** The order in which an Electron is chosen, with nothing downloaded. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseDistribution, type DistributionSources } from '../../../scripts/electron-runtime.ts';

const unreachable: DistributionSources = {
  fromPackage: async () => ({ failure: 'fetch failed' }),
  canUseDevelopment: () => true,
  fromDevelopment: async () => '/cache/electron-33.2.1-linux-x64',
};

function overrideDir(version?: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'parley-override-'));
  for (const name of ['electron', 'electron.exe']) writeFileSync(join(dir, name), '');
  if (version !== undefined) writeFileSync(join(dir, 'version'), version);
  return dir;
}

test.skipIf(process.platform === 'darwin')('an override folder wins over everything else', async () => {
  const distDir = overrideDir('v45.1.0\n');
  const chosen = await chooseDistribution(
    { ELECTRON_OVERRIDE_DIST_PATH: distDir },
    { ...unreachable, fromPackage: () => Promise.reject(new Error('was asked')) },
  );
  expect(chosen).toEqual({ source: 'override', distDir, version: '45.1.0' });
});

test.skipIf(process.platform === 'darwin')('an override folder that does not say its version is taken', async () => {
  const distDir = overrideDir();
  const chosen = await chooseDistribution({ ELECTRON_OVERRIDE_DIST_PATH: distDir }, unreachable);
  expect(chosen.version).toBe('unknown');
});

test('an override folder without an Electron is an error that names the file', async () => {
  const env = { ELECTRON_OVERRIDE_DIST_PATH: '/nowhere' };
  await expect(chooseDistribution(env, unreachable)).rejects.toThrow(/\/nowhere.* does not exist/);
});

test("the electron package's binary is used when there is one", async () => {
  const chosen = await chooseDistribution(
    {},
    { ...unreachable, fromPackage: async () => ({ distDir: '/package/dist', version: '45.4.1' }) },
  );
  expect(chosen).toEqual({ source: 'package', distDir: '/package/dist', version: '45.4.1' });
});

test('the development runtime stands in when the download fails', async () => {
  const chosen = await chooseDistribution({}, unreachable);
  expect(chosen).toEqual({ source: 'development', distDir: '/cache/electron-33.2.1-linux-x64', version: '33.2.1' });
});

test('where the development runtime cannot run, the error says why the download failed and what to do', async () => {
  const elsewhere = { ...unreachable, canUseDevelopment: () => false };
  await expect(chooseDistribution({}, elsewhere)).rejects.toThrow(/fetch failed[^]*ELECTRON_OVERRIDE_DIST_PATH/);
});
