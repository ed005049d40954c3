import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { probeBridge } from '../support/bridge-probe.ts';
import { launchParley, startSecondInstance, type ParleyApp } from '../support/electron-app.ts';

let dir: string;
test.beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'parley-lifecycle-'));
});
test.afterEach(() => rm(dir, { recursive: true, force: true, maxRetries: 3 }));

const visibleWindows = ({ app }: ParleyApp): Promise<number> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().filter((window) => window.isVisible()).length);

/** As a click on the window's close button. */
const closeWindow = ({ app }: ParleyApp): Promise<void> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());

test('a second start of a profile brings the first window up, hands its link over and ends', async () => {
  const first = await launchParley({ dataDir: dir });
  const probe = await probeBridge(first.page);
  await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  expect(await visibleWindows(first)).toBe(0);

  const code = await startSecondInstance({ dataDir: dir, args: ['parley://relay/chat.example.org'] });
  expect(code).toBe(0);
  await expect.poll(() => visibleWindows(first)).toBe(1);
  await expect
    .poll(() => probe.events())
    .toContainEqual({ type: 'event', name: 'relay.suggested', data: { relay: 'chat.example.org' } });
  expect((await probe.shell('app.info')).suggestedRelay).toBe('chat.example.org');
  await first.close();
});

test('two profiles run side by side', async () => {
  const ann = await launchParley({ dataDir: join(dir, 'ann'), profile: 'ann' });
  const bob = await launchParley({ dataDir: join(dir, 'bob'), profile: 'bob' });
  await expect.poll(() => visibleWindows(ann)).toBe(1);
  expect((await (await probeBridge(bob.page)).shell('app.info')).profile).toBe('bob');
  await ann.close();
  await expect.poll(() => visibleWindows(bob)).toBe(1);
  await bob.close();
});

test('a name that cannot be a profile is refused with words that help', async () => {
  expect(await startSecondInstance({ dataDir: dir, profile: '../x' })).toBe(2);
});

test('closing the window ends the app where the desktop shows no tray', async () => {
  const parley = await launchParley({ dataDir: dir });
  await closeWindow(parley);
  expect(await parley.ended).toBe(0);
});

test.describe('on a desktop with a tray', () => {
  test.skip(process.platform !== 'linux', 'Only on Linux is there a desktop without one to tell it from.');

  /** Answers in place of the session bus, of which a test machine has none, that a panel shows tray icons. */
  async function desktopWithTray(): Promise<Record<string, string>> {
    const bin = join(dir, 'bin');
    await mkdir(bin);
    await writeFile(
      join(bin, 'dbus-send'),
      '#!/bin/sh\ncase "$*" in *StatusNotifierWatcher) echo "boolean true";; esac\n',
    );
    await chmod(join(bin, 'dbus-send'), 0o755);
    return {
      PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(dir, 'no-bus')}`,
    };
  }

  test('closing the window keeps the app; the second start shows it again; quitting ends it', async () => {
    const env = await desktopWithTray();
    const parley = await launchParley({ dataDir: dir, env });
    await closeWindow(parley);
    await expect.poll(() => visibleWindows(parley)).toBe(0);
    expect(await startSecondInstance({ dataDir: dir, env })).toBe(0);
    await expect.poll(() => visibleWindows(parley)).toBe(1);
    await parley.close();
    expect(await parley.ended).toBe(0);
  });

  test('closing the window ends the app when the person wants no tray', async () => {
    const parley = await launchParley({ dataDir: dir, env: await desktopWithTray() });
    await (await probeBridge(parley.page)).shell('settings.set', { closeToTray: false });
    await closeWindow(parley);
    expect(await parley.ended).toBe(0);
  });
});

test('the system’s signal to end is as good as quitting', async () => {
  const parley = await launchParley({ dataDir: dir });
  parley.app.process().kill('SIGTERM');
  expect(await parley.ended).toBe(0);
  expect(readFileSync(join(dir, 'main.log'), 'utf8')).toContain('"event":"app.stopped"');
});

test('the menu tells the page what was chosen, and changes the text size', async () => {
  const parley = await launchParley({ dataDir: dir });
  const probe = await probeBridge(parley.page);
  const choose = (id: string): Promise<void> =>
    parley.app.evaluate(({ Menu }, item) => void Menu.getApplicationMenu()?.getMenuItemById(item)?.click(), id);
  for (const id of ['new-conversation', 'search', 'settings', 'zoom-in', 'zoom-in', 'zoom-out']) await choose(id);
  await expect
    .poll(async () => (await probe.events()).map(({ name }) => name).filter((name) => name.startsWith('open.')))
    .toEqual(['open.new-conversation', 'open.search', 'open.settings']);
  expect((await probe.shell('settings.get')).textScale).toBe(110);
  await choose('zoom-reset');
  await expect.poll(async () => (await probe.shell('settings.get')).textScale).toBe(100);
  await parley.close();
});
