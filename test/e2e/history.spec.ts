/** A conversation of 5,000 messages: it opens at the first unread, scrolls to its beginning, keeps its place, and is searched. */
import { expect, test } from '@playwright/test';
import { Company, allSent, conversationWith } from '../support/cast.ts';
import { ChatApp } from '../support/chat-app.ts';
import { anna, ben } from '../support/people.ts';
import { spawnRelay, type SpawnedRelay } from '../support/start-relay.ts';

const count = 5_000;

test.describe.configure({ mode: 'serial' });

let relay: SpawnedRelay;
let company: Company;
let app: ChatApp;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  relay = await spawnRelay({ args: ['--sends-per-second', '100000', '--send-burst', '100000'] });
  company = new Company(relay.address);
  app = await ChatApp.openAndRegister(anna, relay.address);
  const friend = await company.join(ben);
  const conversation = await conversationWith(friend, anna.username);
  for (let number = 1; number <= count; number += 1) {
    await friend.invoke('messages.send', { conversation, text: textOf(number) });
  }
  await allSent(friend, conversation);
});

test.afterAll(async () => {
  await app.close();
  await company.leave();
  await relay.stop();
});

test('opens at the first unread message with the line above it', async () => {
  await expect(app.row(ben.name).getByTestId('unread')).toContainText('999+', { timeout: 30_000 });
  await app.openChat(ben.name);
  await expect(app.page.getByRole('separator', { name: 'New messages' })).toBeVisible();
  await app.expectMessage(textOf(1));
});

test('jumps to the newest message and scrolls back through history in order', async () => {
  await app.page.getByRole('button', { name: /^Go to the newest message/ }).click();
  await app.expectMessage(textOf(count));
  const log = app.log(ben.name);
  let oldest = count;
  for (let turn = 0; turn < 40 && oldest > count - 400; turn += 1) {
    const before = oldest;
    await log.evaluate((element) => element.scrollBy(0, -1_500));
    let shown: number[] = [];
    // Rows that have just come in are not seen until they are measured.
    await expect.poll(async () => (oldest = Math.min(...(shown = await numbers())))).toBeLessThan(before);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(shown.at(-1)).toBe((shown[0] ?? 0) + shown.length - 1);
  }
  expect(oldest).toBeLessThanOrEqual(count - 400);
});

test('keeps its place while new messages come in below', async () => {
  const log = app.log(ben.name);
  const shown = await numbers();
  const mark = app.message(textOf(shown[Math.floor(shown.length / 2)] ?? 0));
  const before = await mark.boundingBox();
  const other = await company.join({ username: 'carol', name: 'Carol', password: 'correct horse carol' });
  const conversation = await conversationWith(other, anna.username);
  await other.invoke('messages.send', { conversation, text: 'elsewhere' });
  await expect(app.row('Carol').getByTestId('unread')).toBeVisible();
  const after = await mark.boundingBox();
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 1_000))).toBeLessThan(2);
  await expect(log).toBeVisible();
});

test('stays at the end when the window changes its size', async () => {
  await app.resize(1_200, 900);
  await app.page.getByRole('button', { name: /^Go to the newest message/ }).click();
  await app.expectMessage(textOf(count));
  for (const [width, height] of [
    [700, 500],
    [1_300, 600],
    [900, 480],
  ] as const) {
    await app.resize(width, height);
    await expect(app.message(textOf(count))).toBeInViewport({ ratio: 1 });
  }
});

test('words said long ago are found from the list and inside the conversation', async () => {
  await app.resize(1_200, 800);
  const everywhere = app.page.getByRole('combobox', { name: 'Search conversations, people and messages' });
  await everywhere.fill('message 1234');
  await app.page.getByRole('option', { name: /Message 1234 of/ }).click();
  await app.expectMessage(textOf(1_234));
  await everywhere.press('Escape');
  await expect(app.row('Carol')).toBeVisible();

  await app.composer.press('Control+f');
  const here = app.page.getByRole('textbox', { name: 'Search in this conversation' });
  await here.fill('message 432');
  await app.expectMessage(textOf(4_432));
  await expect(app.page.getByText('1 of 15', { exact: true })).toBeVisible();
  await here.press('ArrowUp');
  await app.expectMessage(textOf(4_329));
  for (let step = 0; step < 13; step += 1) await here.press('Enter');
  await expect(app.page.getByText('15 of 15', { exact: true })).toBeVisible();
  await app.expectMessage(textOf(432));
  await here.press('Escape');
  await expect(app.composer).toBeFocused();
});

async function numbers(): Promise<number[]> {
  return (await app.texts()).map((text) => Number(/Message (\d+) of/.exec(text)?.[1]));
}

function textOf(number: number): string {
  return `Message ${number} of ${count}.`;
}
