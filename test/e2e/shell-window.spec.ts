import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { launchParley } from '../support/electron-app.ts';
import { screenshot } from '../support/electron-screenshot.ts';
import { probeBridge } from '../support/bridge-probe.ts';

let dataDir: string;
test.beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-window-'));
});
test.afterEach(() => rm(dataDir, { recursive: true, force: true, maxRetries: 3 }));

test('the app opens one visible window that names its profile', async () => {
  const parley = await launchParley({ dataDir, profile: 'bob' });
  const visible = (): Promise<object[]> =>
    parley.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()
        .filter((window) => window.isVisible())
        .map((window) => ({ title: window.getTitle(), minimum: window.getMinimumSize(), size: window.getSize() })),
    );
  await expect.poll(visible).toEqual([{ title: 'Parley (bob)', minimum: [480, 480], size: [1100, 760] }]);
  await screenshot(parley.page, 'shell-window');
  await parley.close();
});

test('the window comes back where it stood, at the size it had', async () => {
  const bounds = { x: 140, y: 90, width: 820, height: 610 };
  const first = await launchParley({ dataDir });
  await first.app.evaluate(({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.setBounds(wanted), bounds);
  const stateFile = join(dataDir, 'window.json');
  await expect
    .poll(() => (existsSync(stateFile) ? (JSON.parse(readFileSync(stateFile, 'utf8')) as unknown) : null))
    .toMatchObject({ bounds });
  await first.close();

  const second = await launchParley({ dataDir });
  const found = await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
  expect(found).toEqual(bounds);
  await second.close();
});

test('settings are kept for the next start, and the theme is Electron’s too', async () => {
  const first = await launchParley({ dataDir });
  const probe = await probeBridge(first.page);
  expect(await probe.shell('settings.set', { theme: 'dark', textScale: 110 })).toMatchObject({ theme: 'dark' });
  expect(await probe.events()).toContainEqual(expect.objectContaining({ name: 'settings.changed' }));
  expect(await first.app.evaluate(({ nativeTheme }) => nativeTheme.shouldUseDarkColors)).toBe(true);
  await first.close();

  const second = await launchParley({ dataDir });
  const settings = await (await probeBridge(second.page)).shell('settings.get');
  expect(settings).toMatchObject({ theme: 'dark', textScale: 110 });
  expect(await second.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(true);
  await second.close();
});

test('the app tells the page where it is and how it keeps the session', async () => {
  const parley = await launchParley({ dataDir, relaySuggestion: 'http://localhost:8080' });
  const info = await (await probeBridge(parley.page)).shell('app.info');
  const keychain = await parley.app.evaluate(({ safeStorage }) => safeStorage.isEncryptionAvailable());
  expect(info).toMatchObject({ profile: 'default', dataDir, suggestedRelay: 'http://localhost:8080' });
  if (!keychain) expect(info.secretStorage).toBe('file');
  await parley.close();
});

test('a page that crashes is loaded again', async () => {
  const parley = await launchParley({ dataDir });
  const probe = await probeBridge(parley.page);
  expect(await probe.connections()).toBeGreaterThan(0);
  const reloaded = parley.app.evaluate(
    ({ BrowserWindow }) =>
      new Promise((resolve) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        contents?.once('did-finish-load', () => resolve(contents.getURL()));
        contents?.forcefullyCrashRenderer();
      }),
  );
  expect(await reloaded).toBe('parley-app://app/index.html');
  await parley.close();
});
