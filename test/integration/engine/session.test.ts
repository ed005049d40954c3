/** Logging in, being logged out, and what happens when the relay at the address is not the same any more. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { httpClient, type HttpClient } from '../../../main/engine/connection/http-client.ts';
import { openHeadlessEngine } from '../../../main/engine/headless.ts';
import { systemClock } from '../../../main/engine/runtime/clock.ts';
import { paths } from '../../../protocol/index.ts';
import { allMessages, temporaryFolder } from '../../support/engine-client.ts';
import { converse, eventually, online, openPerson, password, texts } from '../../support/engine-people.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';
import { unreachable } from '../../support/unreachable-network.ts';

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
  onTestFinished(() => relay.stop());
});

test('a wrong password, an unknown name and a taken name are refused with words', async () => {
  const { stop } = await openPerson(relay.address, 'alice');
  await stop();
  const client = await openHeadlessEngine({ dataDir: await temporaryFolder() });
  onTestFinished(() => client.stop());
  const { address } = relay;
  await expect(
    client.invoke('session.login', { address, username: 'alice', password: 'wrong password' }),
  ).rejects.toMatchObject({ code: 'wrong_credentials' });
  await expect(client.invoke('session.login', { address, username: 'nobody', password })).rejects.toMatchObject({
    code: 'wrong_credentials',
  });
  await expect(
    client.invoke('session.register', { address, username: 'alice', password, displayName: 'A' }),
  ).rejects.toMatchObject({ code: 'username_taken', field: 'username' });
  expect(await client.invoke('session.get')).toMatchObject({ state: 'signed-out', reason: 'never' });
  await expect(client.invoke('conversations.list', {})).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('a device whose session the relay does not know any more is logged out with its history kept', async () => {
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await alice.invoke('messages.send', { conversation, text: 'sent before' });
  await eventually(async () => expect(await texts(bob, conversation)).toEqual(['sent before']));
  const { dataDir } = alice;
  await alice.stop();
  await relay.store.devices.revoke(alice.id, [alice.device]);

  const back = await openHeadlessEngine({ dataDir });
  onTestFinished(() => back.stop());
  await eventually(async () => {
    const session = await back.invoke('session.get');
    expect(session).toMatchObject({ state: 'signed-out', reason: 'revoked', username: 'alice', waiting: 0 });
  });
  await expect(back.invoke('messages.send', { conversation, text: 'nobody' })).rejects.toMatchObject({
    code: 'unauthenticated',
  });
  await back.invoke('session.login', { address: relay.address, username: 'alice', password });
  expect(await texts(back, conversation)).toEqual(['sent before']);
});

test('an outbox that was full when the session was lost leaves after logging in again', async () => {
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  const { dataDir, device } = alice;
  await alice.stop();
  const offline = await openPerson(relay.address, 'alice', { dataDir, known: true, openSocket: unreachable });
  for (const text of ['kept', 'in order']) await offline.invoke('messages.send', { conversation, text });
  await offline.stop();
  await relay.store.devices.revoke(alice.id, [device]);

  const back = await openHeadlessEngine({ dataDir });
  onTestFinished(() => back.stop());
  await eventually(async () => {
    expect(await back.invoke('session.get')).toMatchObject({
      state: 'signed-out',
      reason: 'revoked',
      address: relay.address,
      waiting: 2,
    });
  });
  await back.invoke('session.login', { address: relay.address, username: 'alice', password });
  await eventually(async () => expect(await texts(bob, conversation)).toEqual(['kept', 'in order']));
});

test('logging out keeps the history for the next log in, and erases it only when asked', async () => {
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await bob.invoke('messages.send', { conversation, text: 'hello' });
  await eventually(async () => expect(await texts(alice, conversation)).toEqual(['hello']));
  const accounts = join(alice.dataDir, 'accounts');

  await alice.invoke('session.logout', { erase: false });
  expect(await alice.invoke('session.get')).toMatchObject({
    state: 'signed-out',
    reason: 'logged-out',
    username: 'alice',
  });
  expect(readdirSync(accounts)).toHaveLength(1);
  await alice.invoke('session.login', { address: relay.address, username: 'alice', password });
  expect(await texts(alice, conversation)).toEqual(['hello']);
  expect((await alice.invoke('devices.list')).length).toBe(1);

  await alice.invoke('session.logout', { erase: true });
  expect(readdirSync(accounts)).toHaveLength(0);
  expect(existsSync(join(alice.dataDir, 'session.token'))).toBe(false);
});

test('a log-out that is asked for twice ends one session, and not the one that began meanwhile', async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let ends = 0;
  const http: HttpClient = async (request) => {
    if (request.path === paths.currentSession && ++ends === 1) await held;
    return httpClient(request);
  };
  const alice = await openPerson(relay.address, 'alice', { http });
  const { dataDir } = alice;
  const first = alice.invoke('session.logout', { erase: false });
  const second = alice.invoke('session.logout', { erase: false });
  await eventually(() => expect(ends).toBe(1));
  letGo();
  await first;
  await alice.invoke('session.login', { address: relay.address, username: 'alice', password });
  await second;
  expect(await alice.invoke('session.get')).toMatchObject({ state: 'signed-in' });
  await online(alice);
  expect(ends).toBe(1);
  expect(existsSync(join(dataDir, 'session.token'))).toBe(true);
});

test('whoever asks to erase while the same log-out runs without it gets it', async () => {
  const alice = await openPerson(relay.address, 'alice');
  const asked = [false, true].map((erase) => alice.invoke('session.logout', { erase }));
  await Promise.all(asked);
  expect(readdirSync(join(alice.dataDir, 'accounts'))).toEqual([]);
  expect(await alice.invoke('session.get')).toMatchObject({ state: 'signed-out', reason: 'logged-out' });
});

test('two accounts that log in one after another in the same profile never mix', async () => {
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await alice.invoke('messages.send', { conversation, text: 'for Bob only' });
  await eventually(async () => expect((await allMessages(alice, conversation))[0]?.state).not.toBe('queued'));
  await alice.invoke('session.logout', { erase: false });
  await alice.invoke('session.register', { address: relay.address, username: 'carol', password, displayName: 'Carol' });
  expect(await alice.invoke('conversations.list', {})).toEqual([]);
  expect(await alice.invoke('messages.search', { query: 'Bob' })).toEqual([]);
  await expect(alice.invoke('messages.page', { conversation, anchor: { at: 'latest' } })).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('another relay at the same address stops the connection and keeps everything', async () => {
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await alice.invoke('messages.send', { conversation, text: 'old times' });
  await eventually(async () => expect((await allMessages(alice, conversation))[0]?.seq).toBe(1));
  await relay.stop();
  const stranger = await startRelay({ port: relay.port });
  onTestFinished(() => stranger.stop());
  await alice.invoke('connection.retry');
  await eventually(async () => {
    const view = await alice.invoke('connection.get');
    expect(view).toMatchObject({ state: 'stopped', fault: { code: 'different_relay' } });
  });
  expect(await alice.invoke('session.get')).toMatchObject({ state: 'signed-in' });
  expect(await texts(alice, conversation)).toEqual(['old times']);
});

test('a clock that is a day ahead changes neither order nor times', async () => {
  const day = 86_400_000;
  const alice = await openPerson(relay.address, 'alice', { clock: { ...systemClock, now: () => Date.now() + day } });
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await online(alice);
  const typed = await alice.invoke('messages.send', { conversation, text: 'what day is it?' });
  expect(Math.abs(typed.time - Date.now())).toBeLessThan(60_000);
  const arrived: string[] = [];
  alice.guest.on('message.arrived', ({ text }) => arrived.push(text));
  await eventually(async () => expect(await texts(bob, conversation)).toHaveLength(1));
  await bob.invoke('messages.send', { conversation, text: 'Monday' });
  await eventually(() => expect(arrived).toEqual(['Monday']));
  const shown = await allMessages(alice, conversation);
  expect(shown.map(({ seq }) => seq)).toEqual([1, 2]);
  for (const { time } of shown) expect(Math.abs(time - Date.now())).toBeLessThan(60_000);
});

test(
  'history and session lie in files that only this user can read',
  { skip: process.platform === 'win32' },
  async () => {
    const alice = await openPerson(relay.address, 'alice');
    const [account = ''] = readdirSync(join(alice.dataDir, 'accounts'));
    const files = ['profile.db', 'session.token', join('logs', 'engine.log'), join('accounts', account, 'parley.db')];
    for (const file of files) expect(statSync(join(alice.dataDir, file)).mode & 0o077).toBe(0);
    expect(statSync(join(alice.dataDir, 'accounts', account)).mode & 0o077).toBe(0);
  },
);
