/** The main screens with real-looking content: pictures of each in both themes and sizes, and what axe says of them. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { Company, allSent, cast, conversationWith, dialogue } from '../support/cast.ts';
import { anna, ben, ChatApp } from '../support/chat-app.ts';
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

test('settings', async () => {
  await app.page.getByRole('button', { name: /^Settings/ }).click();
  await expect(app.page.getByRole('dialog')).toBeVisible();
  await picture('settings');
  await app.page.keyboard.press('Escape');
});

test('search for people', async () => {
  await app.page.getByRole('button', { name: 'New conversation' }).click();
  await app.page.getByRole('combobox', { name: 'Search conversations and people' }).fill('ma');
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
