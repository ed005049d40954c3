/** Edits, deletions and reactions between two real apps over a real relay: seen at once, on both sides, for good. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { attachFiles } from '../support/attach.ts';
import { ChatApp } from '../support/chat-app.ts';
import { anna, ben } from '../support/people.ts';
import { writePhoto } from '../support/sample-files.ts';
import { spawnRelay, type SpawnedRelay } from '../support/start-relay.ts';

const pictures = resolve(import.meta.dirname, '../../test-results/changes');
const deletedWords = 'This message was deleted';

let relay: SpawnedRelay;
let folder: string;
const apps = new Set<ChatApp>();

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-changes-'));
  relay = await spawnRelay({ dataDir: join(folder, 'relay') });
});

test.afterEach(async () => {
  for (const app of apps) await app.close();
  apps.clear();
  await relay.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function register(person: typeof anna): Promise<ChatApp> {
  const app = await ChatApp.openAndRegister(person, relay.address, { dataDir: join(folder, person.username) });
  apps.add(app);
  return app;
}

/** Both registered, the conversation open on both sides, and one message each way that was read. */
async function chatting(): Promise<{ a: ChatApp; b: ChatApp }> {
  const a = await register(anna);
  const b = await register(ben);
  await a.startChat(ben);
  await a.send('The boat leaves at nine');
  await b.openChat(anna.name);
  await b.send('I bring the cake');
  await a.expectMessage('I bring the cake');
  await a.expectTicks('The boat leaves at nine', 'Read');
  return { a, b };
}

async function choose(app: ChatApp, text: string, action: string): Promise<void> {
  await app.message(text).first().locator('.bubble').click({ button: 'right' });
  await app.page.getByRole('menu', { name: 'Message actions' }).getByRole('menuitem', { name: action }).click();
}

async function edit(app: ChatApp, text: string, to: string): Promise<void> {
  await choose(app, text, 'Edit');
  await app.composer.fill(to);
  await app.composer.press('Enter');
}

async function react(app: ChatApp, text: string, name: string): Promise<void> {
  const message = app.message(text);
  await message.hover();
  await message.getByRole('button', { name: 'React' }).click();
  await app.page.getByRole('menu', { name: 'React' }).getByRole('menuitemcheckbox', { name }).click();
}

async function deleteForEverybody(app: ChatApp, text: string): Promise<void> {
  await choose(app, text, 'Delete');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Delete for everybody' }).click();
}

function chip(app: ChatApp, text: string, name: string): Locator {
  return app.message(text).getByRole('button', { name, exact: true });
}

async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  expect(found, where).toEqual([]);
}

async function picture(app: ChatApp, name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await app.setTheme(theme);
    const path = join(pictures, `${name}-${theme}.png`);
    await app.page.screenshot({ path, animations: 'disabled' });
    await expectAccessible(app.page, `${name}, ${theme}`);
  }
}

test('an edit, reactions and a deletion are the same on both sides, and after a restart', async () => {
  test.setTimeout(120_000);
  const { a, b } = await chatting();
  await edit(a, 'The boat leaves at nine', 'The boat leaves at ten');
  for (const app of [a, b]) await expect(app.message('The boat leaves at ten')).toContainText('edited');
  expect(await b.texts()).not.toContainEqual(expect.stringContaining('nine'));

  await react(b, 'The boat leaves at ten', 'Thumbs up');
  await expect(chip(a, 'leaves at ten', 'Thumbs up, one person')).toBeVisible();
  await chip(a, 'leaves at ten', 'Thumbs up, one person').click();
  await expect(chip(b, 'leaves at ten', 'Thumbs up, 2 people, you among them')).toBeVisible();
  await chip(b, 'leaves at ten', 'Thumbs up, 2 people, you among them').click();
  for (const [app, name] of [[a, 'Thumbs up, you'] as const, [b, 'Thumbs up, one person'] as const])
    await expect(chip(app, 'leaves at ten', name)).toBeVisible();

  await b.message('leaves at ten').hover();
  await b.message('leaves at ten').getByRole('button', { name: 'Reply' }).click();
  await b.send('Ten is fine');
  await a.expectMessage('Ten is fine');
  await deleteForEverybody(a, 'The boat leaves at ten');
  for (const app of [a, b]) {
    await expect(app.message('Ten is fine').getByRole('button', { name: deletedWords })).toBeVisible();
    await expect(app.page.getByRole('article', { name: /deleted message/ })).toHaveCount(1);
    await expect(app.page.getByRole('log').getByText('leaves at ten')).toHaveCount(0);
  }
  await expect(b.row(anna.name).getByTestId('unread')).toHaveCount(0);

  await deleteForEverybody(b, 'Ten is fine');
  await expect(a.row(ben.name)).toContainText('Message deleted');
  apps.delete(b);
  await b.close();
  const back = await ChatApp.open(ben, { dataDir: join(folder, ben.username) });
  apps.add(back);
  await back.openChat(anna.name);
  await back.expectMessage('I bring the cake');
  await expect(back.page.getByRole('article', { name: /deleted message/ })).toHaveCount(2);
});

test('changes made while the relay is away show at once and arrive when it is back', async () => {
  test.setTimeout(120_000);
  const { a, b } = await chatting();
  await a.send('Bring a coat');
  await b.expectMessage('Bring a coat');
  await relay.kill();
  await expect(a.page.getByText('Can’t reach')).toBeVisible();
  await edit(a, 'The boat leaves at nine', 'The boat leaves at ten');
  await react(a, 'I bring the cake', 'Red heart');
  await deleteForEverybody(a, 'Bring a coat');
  await a.send('typed while away');
  await a.expectMessage('typed while away');
  await a.composer.press('ArrowUp');
  await expect(a.composer).toHaveValue('typed while away');
  await a.composer.fill('typed and mended while away');
  await a.composer.press('Enter');

  await expect(a.message('leaves at ten')).toContainText('edited');
  await expect(chip(a, 'I bring the cake', 'Red heart, you')).toBeVisible();
  await expect(a.page.getByText(deletedWords)).toBeVisible();
  await a.expectTicks('mended while away', 'Waiting to be sent');
  await expect(b.message('leaves at nine')).toBeVisible();

  relay = await spawnRelay({ dataDir: join(folder, 'relay'), port: relay.port });
  for (const { page } of [a, b]) {
    const back = page.getByRole('button', { name: 'Try now' });
    // It goes away by itself when the next try comes first.
    await back.click({ timeout: 5_000 }).catch(() => {});
  }
  await b.expectMessage('typed and mended while away');
  await expect(b.message('leaves at ten')).toContainText('edited');
  await expect(chip(b, 'I bring the cake', 'Red heart, one person')).toBeVisible();
  await expect(b.page.getByText(deletedWords)).toBeVisible();
  expect((await b.texts()).filter((text) => text.includes('while away'))).toHaveLength(1);
});

test('a caption is edited and a picture deleted', async () => {
  test.setTimeout(120_000);
  const { a, b } = await chatting();
  const file = join(folder, 'harbour.jpg');
  await writePhoto(a.page, file, { width: 800, height: 600, hue: 200 });
  await attachFiles(a, [file], { caption: 'The harbor' });
  await b.expectMessage('The harbor');
  await choose(a, 'The harbor', 'Edit caption');
  await a.composer.fill('The harbour');
  await a.composer.press('Enter');
  await expect(b.message('The harbour')).toContainText('edited');
  await deleteForEverybody(a, 'The harbour');
  for (const app of [a, b]) {
    await expect(app.page.getByRole('article', { name: /deleted message/ })).toHaveCount(1);
    await expect(app.page.getByRole('article').getByRole('img', { name: /Photo/ })).toHaveCount(0);
    await expect(app.page.getByRole('article').getByRole('button', { name: 'Photo' })).toHaveCount(0);
  }
});

test('looks right in both themes, and axe finds nothing', async () => {
  test.setTimeout(180_000);
  await mkdir(pictures, { recursive: true });
  const { a, b } = await chatting();
  await a.page.emulateMedia({ colorScheme: null, reducedMotion: 'reduce' });
  await a.resize(1_000, 720);
  await b.send('And a thermos of tea, if the weather is anything like last week');
  await b.send('Or two');
  await a.send('See you at the harbour');
  await a.expectMessage('Or two');
  await b.expectMessage('See you at the harbour');
  await edit(a, 'The boat leaves at nine', 'The boat leaves at ten');
  await react(b, 'leaves at ten', 'Thumbs up');
  await react(a, 'I bring the cake', 'Red heart');
  await react(b, 'See you at the harbour', 'Folded hands');
  await deleteForEverybody(b, 'Or two');
  await expect(a.page.getByText(deletedWords)).toBeVisible();
  await expect(chip(a, 'at the harbour', 'Folded hands, one person')).toBeVisible();
  await picture(a, 'changes');

  await a.message('leaves at ten').locator('.bubble').click({ button: 'right' });
  await picture(a, 'menu');
  await a.page.getByRole('menuitem', { name: 'More reactions' }).click();
  await picture(a, 'picker');
  await a.page.keyboard.press('Escape');
  await choose(a, 'leaves at ten', 'Edit');
  await picture(a, 'edit');
  await a.composer.fill('');
  await a.composer.press('Enter');
  await expect(a.page.getByRole('dialog')).toBeVisible();
  await picture(a, 'delete');
});
