/** One account on two desktops: what follows it, how a difference is found and mended, new devices, backups. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Locator } from '@playwright/test';
import Sqlite from 'better-sqlite3';
import { ChatApp } from '../support/chat-app.ts';
import { anna, ben } from '../support/people.ts';
import { spawnRelay, type SpawnedRelay } from '../support/start-relay.ts';

const pictures = resolve(import.meta.dirname, '../../test-results/screens');
const passphrase = 'four words in a row';

let relay: SpawnedRelay;
let folder: string;
const apps = new Set<ChatApp>();

test.beforeEach(async () => {
  await mkdir(pictures, { recursive: true });
  folder = await mkdtemp(join(tmpdir(), 'parley-same-'));
  relay = await spawnRelay({ dataDir: join(folder, 'relay') });
});

test.afterEach(async () => {
  for (const app of apps) await app.close();
  apps.clear();
  await relay.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** The app of a person on one of their computers, on whatever screen it starts with. */
async function open(person: typeof anna, computer: string): Promise<ChatApp> {
  const dataDir = join(folder, computer);
  const app = await ChatApp.open(person, { relaySuggestion: relay.address, dataDir });
  apps.add(app);
  return app;
}

async function register(person: typeof anna, computer: string): Promise<ChatApp> {
  const app = await open(person, computer);
  await app.register();
  return app;
}

async function logIn(person: typeof anna, computer: string): Promise<ChatApp> {
  const app = await open(person, computer);
  await app.logIn();
  await app.expectSignedIn();
  return app;
}

async function close(app: ChatApp): Promise<void> {
  apps.delete(app);
  await app.close();
}

/** Anna on her laptop, in a conversation with Ben that holds one message of each. */
async function chatting(): Promise<{ laptop: ChatApp; ben: ChatApp }> {
  const laptop = await register(anna, 'laptop');
  const bens = await register(ben, 'ben');
  await laptop.startChat(ben);
  await laptop.send('The boat leaves at eight');
  await bens.openChat(anna.name);
  await bens.expectMessage('The boat leaves at eight');
  await bens.send('I will be there');
  await laptop.expectMessage('I will be there');
  return { laptop, ben: bens };
}

async function details(app: ChatApp): Promise<Locator> {
  const panel = app.page.getByRole('complementary', { name: 'Details' });
  if (!(await panel.isVisible())) await app.page.getByRole('button', { name: 'Details', exact: true }).click();
  return panel;
}

function settings(app: ChatApp, tab: string): Promise<Locator> {
  return app.page
    .getByRole('button', { name: /^Settings/ })
    .click()
    .then(() => app.page.getByRole('tab', { name: tab }).click())
    .then(() => app.page.getByRole('tabpanel'));
}

async function picture(app: ChatApp, name: string): Promise<void> {
  await app.page.emulateMedia({ colorScheme: null, reducedMotion: 'reduce' });
  for (const theme of ['light', 'dark'] as const) {
    await app.setTheme(theme);
    await app.page.screenshot({ path: join(pictures, `${name}-${theme}.png`), animations: 'disabled' });
    const { violations } = await new AxeBuilder({ page: app.page }).setLegacyMode().analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  }
}

test('what a person does on one desktop is so on the other: pins, mutes, drafts, notes', async () => {
  const { laptop } = await chatting();
  const desk = await logIn(anna, 'desk');
  await expect(desk.row(ben.name)).toContainText('I will be there');

  await laptop.row(ben.name).click({ button: 'right' });
  await laptop.page.getByRole('menuitem', { name: 'Pin to top' }).click();
  await expect(desk.row(ben.name)).toContainText('pinned');
  await desk.page.getByRole('listbox', { name: 'Conversations' }).focus();
  await desk.page.keyboard.press('Home');
  await desk.page.keyboard.press('Shift+F10');
  await desk.page.keyboard.press('End');
  await expect(desk.page.getByRole('menuitem', { name: 'Always' })).toBeFocused();
  await desk.page.keyboard.press('Enter');
  await expect(laptop.row(ben.name)).toContainText('muted');

  await laptop.composer.fill('half a thought');
  await laptop.page.getByRole('button', { name: 'New conversation' }).click();
  await laptop.page.keyboard.type('notes');
  await laptop.page.keyboard.press('Enter');
  await expect(laptop.page.getByRole('heading', { name: 'Notes to self' })).toBeAttached();
  await expect(desk.row(ben.name)).toContainText('Draft: half a thought');
  await laptop.send('Buy a longer rope');
  await expect(desk.row('Notes to self')).toContainText('Buy a longer rope');
  await picture(laptop, 'same-notes');

  await desk.openChat(ben.name);
  await expect(desk.composer).toHaveValue('half a thought');
  await desk.send('half a thought, now whole');
  await expect(laptop.row(ben.name)).toContainText('half a thought, now whole');
  await expect(laptop.row(ben.name)).not.toContainText('Draft:');
});

test('details show that all devices hold the same, and a change behind the back is found and mended', async () => {
  const { laptop } = await chatting();
  const desk = await logIn(anna, 'desk');
  await desk.openChat(ben.name);
  await desk.expectMessage('I will be there');
  const panel = await details(laptop);
  const line = panel.getByTestId('sync-headline');
  await expect(line).toHaveText(/In sync on 3 of 3 devices/, { timeout: 60_000 });
  await line.click();
  await expect(panel.getByText('This device')).toBeVisible();
  await expect(panel.getByText(ben.name, { exact: true }).last()).toBeVisible();
  await picture(laptop, 'same-devices');

  await close(laptop);
  await forge(join(folder, 'laptop'), 'The boat leaves at eight', 'The boat leaves at nine!');
  const again = await open(anna, 'laptop');
  await again.openChat(ben.name);
  await expect(again.message('The boat leaves at nine!')).toBeVisible();
  const found = await details(again);
  await found.getByTestId('sync-headline').click();
  await found.getByRole('button', { name: 'Check now' }).click();
  const mended = found.getByText('One message differed here and was fetched again');
  await expect(mended).toBeVisible({ timeout: 60_000 });
  await again.expectMessage('The boat leaves at eight');
  await expect(again.message('The boat leaves at nine!')).toHaveCount(0);
  await expect(found.getByTestId('sync-headline')).toHaveText(/In sync on 3 of 3 devices/);
  await expect(mended).toBeVisible();
  await picture(again, 'same-mended');
});

/** Writes other words into a message of a history that no engine has open. */
async function forge(dataDir: string, words: string, forged: string): Promise<void> {
  const files = (await readdir(dataDir, { recursive: true })).filter((name) => name.endsWith('parley.db'));
  expect(files).toHaveLength(1);
  const database = new Sqlite(join(dataDir, files[0] ?? ''));
  const row = database
    .prepare<[string], { rowid: number; payload: Buffer }>('SELECT rowid, payload FROM messages WHERE text = ?')
    .get(words);
  expect(row?.payload.includes(words)).toBe(true);
  const payload = Buffer.from(row?.payload.toString('latin1').replace(words, forged) ?? '', 'latin1');
  database.prepare('UPDATE messages SET text = ?, payload = ? WHERE rowid = ?').run(forged, payload, row?.rowid);
  database.close();
}

test('a new device is told of, and one that is logged out from elsewhere erases everything', async () => {
  const { laptop } = await chatting();
  const desk = await logIn(anna, 'desk');
  await expect(desk.row(ben.name)).toContainText('I will be there');
  const notice = laptop.page.getByRole('alert').filter({ hasText: 'New device' });
  await expect(notice).toContainText('If that was not you, end its session and change your password.');
  await expect(desk.page.getByText('New device')).toHaveCount(0);
  await picture(laptop, 'same-new-device');
  const kept = (await readdir(join(folder, 'desk'), { recursive: true })).filter((name) => name.endsWith('parley.db'));
  expect(kept).toHaveLength(1);

  await notice.getByRole('button', { name: 'End its session…' }).click();
  await laptop.page.getByRole('button', { name: 'Log out and erase' }).click();
  await expect(desk.page.getByRole('heading', { name: 'This device was logged out and erased' })).toBeVisible();
  await expect.poll(() => existsSync(join(folder, 'desk', kept[0] ?? ''))).toBe(false);
  await picture(desk, 'same-erased');
  await expect(notice).toHaveCount(0);
  await expect(laptop.page.getByRole('tab', { name: 'Password and devices' })).toHaveAttribute('aria-selected', 'true');

  await desk.logIn();
  await desk.expectSignedIn();
  await expect(desk.row(ben.name)).toContainText('I will be there');
  await laptop.page.keyboard.press('Escape');
  await notice.getByRole('button', { name: 'It was me' }).click();
  await expect(notice).toHaveCount(0);
});

test('the second copy is made in the real app, and goes when it is not wanted', async () => {
  const laptop = await register(anna, 'laptop');
  const panel = await settings(laptop, 'Your data');
  const kept = panel.getByRole('switch', { name: /second copy/i });
  const copies = async (): Promise<string[]> =>
    (await readdir(join(folder, 'laptop'), { recursive: true })).filter((name) => name.endsWith('parley-copy.db'));
  await kept.uncheck({ force: true });
  await kept.check({ force: true });
  await expect.poll(copies, { timeout: 15_000 }).toHaveLength(1);
  await kept.uncheck({ force: true });
  await expect.poll(copies).toEqual([]);
});

test('a backup made through the dialogs is restored on a fresh machine, and nothing is missing', async () => {
  const { laptop, ben: bens } = await chatting();
  const file = join(folder, 'kept elsewhere.parley-backup');
  await saveTo(laptop, file);
  const panel = await settings(laptop, 'Your data');
  await panel.getByRole('button', { name: 'Make a backup…' }).click();
  const asked = laptop.page.getByRole('dialog', { name: 'Encrypted backup' });
  await asked.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await asked.getByLabel('Passphrase again').fill(passphrase);
  await picture(laptop, 'same-backup');
  await asked.getByRole('button', { name: 'Choose where to save…' }).click();
  await expect(panel.getByTestId('data-job')).toContainText('Backup made: 2 messages', { timeout: 30_000 });
  await picture(laptop, 'same-backed-up');

  const exported = join(folder, 'exported');
  await saveTo(laptop, exported);
  await panel.getByRole('button', { name: 'Export…' }).click();
  await expect(panel.getByTestId('data-job')).toContainText('Exported 2 messages', { timeout: 30_000 });
  expect(await readdir(exported)).toEqual(expect.arrayContaining(['index.html', 'parley-export.json']));
  await openFrom(laptop, exported);
  await panel.getByRole('button', { name: 'Import…' }).click();
  await expect(panel.getByTestId('data-job')).toContainText('Everything in this export was here already.');
  await close(laptop);
  await bens.send('Written after the backup');

  const fresh = await open(anna, 'fresh');
  await openFrom(fresh, file);
  await restore(fresh, 'not the passphrase');
  await expect(fresh.page.getByTestId('data-job')).toContainText('The backup was not restored.', { timeout: 30_000 });
  await restore(fresh, passphrase);
  await expect(fresh.page.getByTestId('data-job')).toContainText('Backup restored: 2 messages', { timeout: 30_000 });
  await picture(fresh, 'same-restored');
  await fresh.logIn();
  await fresh.expectSignedIn();
  await fresh.openChat(ben.name);
  await expect(fresh.page.getByRole('article')).toContainText([
    'The boat leaves at eight',
    'I will be there',
    'Written after the backup',
  ]);
});

/** What the person will choose in the system's dialogs. */
function saveTo(app: ChatApp, path: string): Promise<void> {
  return app.parley.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, path);
}

function openFrom(app: ChatApp, path: string): Promise<void> {
  return app.parley.app.evaluate(({ dialog }, filePath) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [filePath] });
  }, path);
}

async function restore(app: ChatApp, words: string): Promise<void> {
  await app.page.getByRole('button', { name: 'Restore a backup…' }).click();
  const dialog = app.page.getByRole('dialog', { name: 'Restore a backup' });
  await dialog.getByLabel('Passphrase of the backup').fill(words);
  await dialog.getByLabel('Passphrase of the backup').press('Enter');
  await expect(dialog).toHaveCount(0);
}
