import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { flipFuses, FuseState, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import { expect, test } from '@playwright/test';
import { projectDir } from '../../scripts/project.ts';
import { runOrThrow } from '../../scripts/run-command.ts';
import { probeBridge } from '../support/bridge-probe.ts';
import { launchParley } from '../support/electron-app.ts';
import { screenshot } from '../support/electron-screenshot.ts';

const outputDir = join(projectDir, 'test-results/package');
const unpackedDir = join(outputDir, 'linux-unpacked');
const executable = join(unpackedDir, 'parley');

test.skip(process.platform !== 'linux', 'Packages are built on their own systems; this test knows the Linux one.');
test.describe.configure({ mode: 'serial', timeout: 240_000 });

test.beforeAll(async () => {
  await rm(outputDir, { recursive: true, force: true });
  const args = ['run', 'package', '--', '--dir', `-c.directories.output=${outputDir}`];
  await runOrThrow('Packaging', 'npm', args, { cwd: projectDir, timeoutMs: 200_000 });
});
test.afterAll(() => rm(outputDir, { recursive: true, force: true }));

test('the package is locked: every fuse as the security list asks', async () => {
  const wire = await getCurrentFuseWire(executable);
  const on = (option: FuseV1Options): boolean => wire[option] === FuseState.ENABLE;
  expect({
    runAsNode: on(FuseV1Options.RunAsNode),
    cookieEncryption: on(FuseV1Options.EnableCookieEncryption),
    nodeOptions: on(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
    inspect: on(FuseV1Options.EnableNodeCliInspectArguments),
    asarIntegrity: on(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
    onlyAsar: on(FuseV1Options.OnlyLoadAppFromAsar),
    filePrivileges: on(FuseV1Options.GrantFileProtocolExtraPrivileges),
  }).toEqual({
    runAsNode: false,
    cookieEncryption: true,
    nodeOptions: false,
    inspect: false,
    asarIntegrity: true,
    onlyAsar: true,
    filePrivileges: false,
  });
});

test('outside the archive lie only binaries for this system', async () => {
  const unpacked = join(unpackedDir, 'resources/app.asar.unpacked');
  const files = await readdir(unpacked, { recursive: true, withFileTypes: true });
  const names = files.filter((file) => file.isFile()).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => ![`linux-${process.arch}.node`, 'better_sqlite3.node'].includes(name))).toEqual([]);
  expect(existsSync(join(unpackedDir, 'resources/app'))).toBe(false);
});

test('the packaged app starts, shows its window and talks to its engine', async () => {
  // Playwright needs the inspector, which the package rightly lacks.
  await flipFuses(executable, { version: FuseVersion.V1, [FuseV1Options.EnableNodeCliInspectArguments]: true });
  const parley = await launchParley({ executable, profile: 'packaged' });
  const probe = await probeBridge(parley.page);
  expect(await probe.shell('app.info')).toMatchObject({ profile: 'packaged', platform: 'linux' });
  expect(await probe.engine('session.get')).toMatchObject({ state: 'signed-out', reason: 'never' });
  expect(await parley.app.evaluate(({ app }) => app.isPackaged)).toBe(true);
  const peerPage = await parley.app.evaluate(
    async ({ net }) => (await net.fetch('parley-app://peer/index.html')).status,
  );
  expect(peerPage).toBe(200);
  await expect
    .poll(() => parley.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()))
    .toBe(true);
  await screenshot(parley.page, 'package-window');
  await parley.close();
});
