/** Two people, two real apps, one real relay: what they do first, and what may come between them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { ChatApp } from '../support/chat-app.ts';
import { anna, ben } from '../support/people.ts';
import { spawnRelay, type SpawnedRelay } from '../support/start-relay.ts';

let relay: SpawnedRelay;
let folder: string;
const apps = new Set<ChatApp>();

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-chat-'));
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

async function openAgain(person: typeof anna): Promise<ChatApp> {
  const app = await ChatApp.open(person, { dataDir: join(folder, person.username) });
  apps.add(app);
  return app;
}

async function end(app: ChatApp, how: 'close' | 'kill'): Promise<void> {
  apps.delete(app);
  await app[how]();
}

/** Both registered, and the conversation open on both sides with one message each way. */
async function chatting(): Promise<{ a: ChatApp; b: ChatApp }> {
  const a = await register(anna);
  const b = await register(ben);
  await a.startChat(ben);
  await a.send('Hello Ben');
  await b.openChat(anna.name);
  await b.expectMessage('Hello Ben');
  await a.expectTicks('Hello Ben', 'Read');
  await b.send('Hello Anna');
  await a.expectMessage('Hello Anna');
  return { a, b };
}

test('two people register, find each other, chat both ways and see ticks turn to read', async () => {
  const { a, b } = await chatting();
  await b.expectTicks('Hello Anna', 'Read');
  await expect(a.presence).toHaveText('online');
  await b.composer.pressSequentially('typ');
  await expect(a.presence).toHaveText('typing…');
});

test('presence flips when the other app is killed, and a message waits for its return', async () => {
  const { a, b } = await chatting();
  await expect(a.presence).toHaveText('online');
  await end(b, 'kill');
  await expect(a.presence).toHaveText(/^last seen/, { timeout: 5_000 });
  await a.send('Are you still there?');
  await a.expectTicks('Are you still there?', 'Sent');

  const back = await openAgain(ben);
  await expect(back.row(anna.name).getByTestId('unread')).toContainText('1');
  await expect(a.presence).toHaveText('online');
  await a.expectTicks('Are you still there?', 'Delivered');
  await back.openChat(anna.name);
  await a.expectTicks('Are you still there?', 'Read');
});

test('what is typed while the relay is down arrives once, in order, after it returns', async () => {
  const { a, b } = await chatting();
  await relay.kill();
  await expect(a.page.getByText('Can’t reach')).toBeVisible();
  const typed = ['first while away', 'second while away', 'third while away'];
  for (const text of typed) await a.send(text);
  await a.expectTicks('third while away', 'Waiting to be sent');

  relay = await spawnRelay({ dataDir: join(folder, 'relay'), port: relay.port });
  await a.page
    .getByRole('button', { name: 'Try now' })
    .click({ timeout: 15_000 })
    .catch(() => {});
  await b.expectMessage('third while away');
  const arrived = (await b.texts()).filter((text) => text.includes('while away'));
  expect(arrived.map((text) => text.split(' while')[0])).toEqual(['first', 'second', 'third']);
  await a.expectTicks('third while away', 'Read');
});

test('history, drafts and waiting messages are there after a restart', async () => {
  const { a } = await chatting();
  await relay.kill();
  await a.send('typed before the crash');
  await a.expectTicks('typed before the crash', 'Waiting to be sent');
  await a.composer.fill('an unfinished thou');
  await expect.poll(() => a.composer.inputValue()).toBe('an unfinished thou');
  await end(a, 'close');

  const back = await openAgain(anna);
  await expect(back.row(ben.name)).toContainText('an unfinished thou');
  await back.openChat(ben.name);
  await back.expectMessage('Hello Anna');
  await back.expectTicks('typed before the crash', 'Waiting to be sent');
  await expect(back.composer).toHaveValue('an unfinished thou');
  relay = await spawnRelay({ dataDir: join(folder, 'relay'), port: relay.port });
  await expect(back.message('typed before the crash').getByRole('img', { name: /Sent|Delivered|Read/ })).toBeVisible({
    timeout: 30_000,
  });
});

test('a killed app sends what was typed when it starts again, exactly once', async () => {
  const { a, b } = await chatting();
  await a.send('sent just before the power went');
  await end(a, 'kill');
  const back = await openAgain(anna);
  await back.openChat(ben.name);
  await b.expectMessage('sent just before the power went');
  await back.expectTicks('sent just before the power went', 'Read');
  expect((await b.texts()).filter((text) => text.includes('power went'))).toHaveLength(1);
});

test('a wrong password is said beside its field and a right one logs in', async () => {
  const a = await register(anna);
  await end(a, 'close');
  await rm(join(folder, anna.username), { recursive: true });
  const again = await ChatApp.open(anna, { dataDir: join(folder, anna.username), relaySuggestion: relay.address });
  apps.add(again);
  await again.logIn('not the password');
  await expect(
    again.page.getByText(/password/i).filter({ hasText: /wrong|not right|does not|don’t|match/i }),
  ).toBeVisible();
  await again.logIn();
  await again.expectSignedIn();
});

test('an address where no relay answers is explained while it is typed', async () => {
  const dead = relay.address;
  await relay.kill();
  const app = await ChatApp.open(anna, { dataDir: join(folder, 'nobody'), relaySuggestion: dead });
  apps.add(app);
  await expect(app.page.getByRole('button', { name: 'Check again' })).toBeVisible();
  relay = await spawnRelay({ dataDir: join(folder, 'relay'), port: relay.port });
  await app.page.getByRole('button', { name: 'Check again' }).click();
  await app.register();
});

test('a revoked device goes back to log in and finds its history there again', async () => {
  const { a } = await chatting();
  await relay.kill();
  await a.send('typed while away');
  await a.expectTicks('typed while away', 'Waiting to be sent');
  relay = await spawnRelay({ dataDir: join(folder, 'relay'), port: relay.port });
  await expect(a.message('typed while away').getByRole('img', { name: /Sent|Delivered|Read/ })).toBeVisible({
    timeout: 30_000,
  });
  await revokeAllDevices(anna.username);
  await expect(a.page.getByLabel('Password', { exact: true })).toBeVisible();
  await a.logIn();
  await a.expectSignedIn();
  await a.openChat(ben.name);
  await a.expectMessage('typed while away');
});

/** As an admin would, over the running relay: log in beside the app and end every session. */
async function revokeAllDevices(username: string): Promise<void> {
  const device = { name: 'Admin', platform: 'linux' };
  const person = username === anna.username ? anna : ben;
  const login = await post('/v1/sessions', { username, password: person.password, device });
  const { token } = (await login.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const { devices } = (await (await fetch(`${relay.address}/v1/devices`, { headers })).json()) as {
    devices: { id: string; current: boolean }[];
  };
  for (const { id, current } of devices) {
    if (!current) await fetch(`${relay.address}/v1/devices/${id}`, { method: 'DELETE', headers });
  }
}

function post(path: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${relay.address}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}
