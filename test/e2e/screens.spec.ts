/** The main screens with real-looking content: pictures of each in both themes and sizes, and what axe says of them. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { attachFiles, chooseFiles } from '../support/attach.ts';
import { Company, allSent, cast, conversationWith, dialogue } from '../support/cast.ts';
import { ChatApp } from '../support/chat-app.ts';
import { anna, ben } from '../support/people.ts';
import { writeFilm, writeNoise, writePhoto } from '../support/sample-files.ts';
import { spawnRelay, type SpawnedRelay } from '../support/start-relay.ts';

const pictures = resolve(import.meta.dirname, '../../test-results/screens');
const sizes = [
  { width: 900, height: 600 },
  { width: 1600, height: 1000 },
];

test.describe.configure({ mode: 'serial' });

let relay: SpawnedRelay;
let company: Company;
let app: ChatApp;

test.beforeAll(async () => {
  await mkdir(pictures, { recursive: true });
  relay = await spawnRelay({ args: ['--name', 'Lindqvist & friends'] });
  company = new Company(relay.address);
});

test.afterAll(async () => {
  await app.close();
  await company.leave();
  await relay.stop();
});

/** Rules about regions of a document don't fit an app window; everything else counts. */
async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  expect(found, where).toEqual([]);
}

async function picture(name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await app.setTheme(theme);
    for (const { width, height } of sizes) {
      await app.resize(width, height);
      await app.page.screenshot({ path: join(pictures, `${name}-${theme}-${width}.png`), animations: 'disabled' });
    }
    await expectAccessible(app.page, `${name}, ${theme}`);
  }
}

test('welcome', async () => {
  app = await ChatApp.open(anna, { relaySuggestion: relay.address });
  // Half-faded colours are no colours to judge.
  await app.page.emulateMedia({ colorScheme: null, reducedMotion: 'reduce' });
  await expect(app.page.getByText('Lindqvist & friends')).toBeVisible();
  await picture('welcome');
});

test('an empty start', async () => {
  await app.register();
  await picture('empty');
});

test('a conversation in the middle of others', async () => {
  test.setTimeout(120_000);
  for (const person of cast) {
    const client = await company.join(person);
    const conversation = await conversationWith(client, anna.username);
    for (const text of person.says) await client.invoke('messages.send', { conversation, text });
    await allSent(client, conversation);
  }
  const friend = await company.join(ben);
  const conversation = await conversationWith(friend, anna.username);
  await friend.invoke('messages.send', { conversation, text: 'Morning!' });
  await app.openChat(ben.name);
  for (const [who, text] of dialogue) {
    if (who === 'app') await app.send(text);
    else await friend.invoke('messages.send', { conversation, text });
    await app.expectMessage(text);
  }
  const { head } = await friend.invoke('conversations.get', { conversation });
  await friend.invoke('conversations.mark-read', { conversation, seq: head });
  await expect(app.row(cast[0]?.name ?? '')).toBeVisible();
  await picture('conversation');
});

test('long, wide and right-to-left messages', async () => {
  for (const { name } of cast.slice(2, 6)) {
    await app.openChat(name);
    await expect(app.page.getByRole('article').first()).toBeVisible();
    await picture(`message-${cast.findIndex((person) => person.name === name)}`);
  }
});

test('files: preview, album, viewer, gallery, transfers', async () => {
  test.setTimeout(180_000);
  const folder = await mkdtemp(join(tmpdir(), 'parley-screens-'));
  const photos = await Promise.all(
    [0, 1, 2].map(async (index) => {
      const file = join(folder, `harbour ${index + 1}.jpg`);
      await writePhoto(app.page, file, { width: 1_600, height: index === 1 ? 2_000 : 1_100, hue: 190 + index * 50 });
      return file;
    }),
  );
  const film = join(folder, 'the boat.webm');
  await writeFilm(app.page, film);
  const report = join(folder, 'A report with a rather long name, third revision, really final (2).pdf');
  await writeNoise(report, 4_200_000);

  await app.openChat(ben.name);
  const preview = await chooseFiles(app, photos);
  await preview.getByRole('textbox').fill('The harbour, this morning and last summer');
  await picture('preview');
  await app.page.keyboard.press('Escape');
  await app.page.getByRole('button', { name: 'Discard' }).click();
  await attachFiles(app, photos, { caption: 'The harbour, this morning and last summer' });
  await attachFiles(app, [film]);
  await attachFiles(app, [report]);
  const album = app.page.getByRole('group', { name: 'Album of 3' });
  await expect(album.locator('img[src^="parley-media:"]')).toHaveCount(3);
  await picture('files');

  await app.page.getByRole('button', { name: /^Transfers/ }).click();
  await expect(app.page.getByRole('dialog', { name: 'Transfers', exact: true })).toBeVisible();
  await picture('transfers');
  await app.page.keyboard.press('Escape');

  await album.getByRole('button').first().click();
  await expect(app.page.getByRole('dialog', { name: 'Viewer' })).toBeVisible();
  await picture('viewer');
  await app.page.keyboard.press('Escape');

  await app.page.getByRole('button', { name: 'Details', exact: true }).click();
  await expect(app.page.getByRole('tablist', { name: 'Shared files' })).toBeVisible();
  await picture('gallery');
  await app.page.getByRole('button', { name: 'Details', exact: true }).click();
  await rm(folder, { recursive: true, force: true });
});

test('settings', async () => {
  await app.page.getByRole('button', { name: /^Settings/ }).click();
  await expect(app.page.getByRole('dialog')).toBeVisible();
  await picture('settings');
  await app.page
    .getByRole('button', { name: 'Files and storage' })
    .or(app.page.getByRole('tab', { name: 'Files and storage' }))
    .click();
  await picture('settings-files');
  await app.page.keyboard.press('Escape');
});

test('search for people', async () => {
  await app.page.getByRole('button', { name: 'New conversation' }).click();
  await app.page.getByRole('combobox', { name: 'Search conversations, people and messages' }).fill('ma');
  await expect(app.page.getByRole('option').first()).toBeVisible();
  await picture('search');
  await app.page.keyboard.press('Escape');
});

test('a relay that went away', async () => {
  await app.openChat(ben.name);
  await relay.kill();
  await expect(app.page.getByText('Can’t reach')).toBeVisible();
  await app.send('Sent when you are back.');
  await app.expectTicks('Sent when you are back.', 'Waiting to be sent');
  await picture('offline');
});
