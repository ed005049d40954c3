/** Several devices of one account: the others hear of a new one, and one that is taken out of the account keeps nothing. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { httpClient, type HttpClient } from '../../../main/engine/connection/http-client.ts';
import { openHeadlessEngine, type HeadlessClient } from '../../../main/engine/headless.ts';
import { paths } from '../../../protocol/index.ts';
import {
  converse,
  eventually,
  online,
  openPerson,
  password,
  record,
  texts,
  type Person,
} from '../../support/engine-people.ts';
import { spawnEngine } from '../../support/engine-run.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';
import { unreachable } from '../../support/unreachable-network.ts';

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
  onTestFinished(() => relay.stop());
});

/** Opens a folder's engine without logging in. */
async function reopen(dataDir: string): Promise<HeadlessClient> {
  const client = await openHeadlessEngine({ dataDir });
  onTestFinished(() => client.stop());
  return client;
}

const accountsOf = (dataDir: string): string[] => readdirSync(join(dataDir, 'accounts'));

/** A device that has asked for the account's devices, and knows of none but itself. */
async function settledDevice(): Promise<Person> {
  let answers = 0;
  const http: HttpClient = async (request) => {
    const answer = await httpClient(request);
    if (request.path === paths.devices) answers++;
    return answer;
  };
  const laptop = await openPerson(relay.address, 'alice', { http });
  await eventually(() => expect(answers).toBeGreaterThan(0));
  expect(await laptop.invoke('devices.new')).toEqual([]);
  return laptop;
}

describe('a new device', () => {
  test('is told of once on the others, and nothing is told on itself', async () => {
    const laptop = await settledDevice();
    const appeared = record(laptop, 'devices.appeared');
    const warned: string[] = [];
    laptop.guest.on('devices.appeared', ({ names }) => warned.push(...names));
    const desktop = await openPerson(relay.address, 'alice', { known: true });
    const silent = record(desktop, 'devices.appeared');
    await eventually(() => expect(appeared.flat().map(({ id }) => id)).toEqual([desktop.device]));
    expect((await laptop.invoke('devices.new')).map(({ id }) => id)).toEqual([desktop.device]);
    expect(warned).toHaveLength(1);
    await online(desktop);
    expect(await desktop.invoke('devices.new')).toEqual([]);
    expect(silent).toEqual([]);
    await laptop.invoke('devices.acknowledge', { devices: [desktop.device] });
    expect(await laptop.invoke('devices.new')).toEqual([]);
    await laptop.invoke('connection.retry');
    expect(appeared).toHaveLength(1);
  });

  test('that came while this one was away is told of at return, until the person saw it', async () => {
    const laptop = await settledDevice();
    const { dataDir } = laptop;
    await laptop.stop();
    const desktop = await openPerson(relay.address, 'alice', { known: true });
    const back = await openPerson(relay.address, 'alice', { dataDir, known: true });
    await eventually(async () => {
      expect((await back.invoke('devices.new')).map(({ id }) => id)).toEqual([desktop.device]);
    });
    await back.stop();
    const offline = await openPerson(relay.address, 'alice', { dataDir, known: true, openSocket: unreachable });
    const [news] = await offline.invoke('devices.new');
    expect(news).toMatchObject({ id: desktop.device, name: 'Headless client', current: false });
    await offline.invoke('devices.acknowledge', { devices: [desktop.device] });
    await offline.stop();
    const again = await openPerson(relay.address, 'alice', { dataDir, known: true });
    await online(again);
    expect(await again.invoke('devices.new')).toEqual([]);
  });

  test('that is gone again is no news any more', async () => {
    const laptop = await settledDevice();
    const desktop = await openPerson(relay.address, 'alice', { known: true });
    await eventually(async () => expect(await laptop.invoke('devices.new')).toHaveLength(1));
    await laptop.invoke('devices.revoke', { device: desktop.device });
    await eventually(async () => expect(await laptop.invoke('devices.new')).toEqual([]));
  });
});

describe('a device whose session was ended from another one', () => {
  test('is logged out at once and keeps nothing of the account', async () => {
    const laptop = await openPerson(relay.address, 'alice');
    const bob = await openPerson(relay.address, 'bob');
    const conversation = await converse(laptop, bob);
    await laptop.invoke('messages.send', { conversation, text: 'known to both' });
    const desktop = await openPerson(relay.address, 'alice', { known: true });
    await eventually(async () => expect(await texts(desktop, conversation)).toEqual(['known to both']));
    const sessions = record(desktop, 'session.changed');
    await laptop.invoke('devices.revoke', { device: desktop.device });
    await eventually(() => expect(sessions.at(-1)).toMatchObject({ state: 'signed-out', reason: 'erased' }));
    await eventually(() => expect(accountsOf(desktop.dataDir)).toEqual([]));
    expect(existsSync(join(desktop.dataDir, 'session.token'))).toBe(false);
    await expect(desktop.invoke('conversations.list', {})).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await laptop.invoke('session.get')).toMatchObject({ state: 'signed-in' });

    await desktop.invoke('session.login', { address: relay.address, username: 'alice', password });
    await eventually(async () => expect(await texts(desktop, conversation)).toEqual(['known to both']));
  });

  test('hears of it when it is back, and erases what waited there too', async () => {
    const laptop = await openPerson(relay.address, 'alice');
    const bob = await openPerson(relay.address, 'bob');
    const conversation = await converse(laptop, bob);
    const { dataDir, device } = await openPerson(relay.address, 'alice', { known: true }).then(async (desktop) => {
      await eventually(() => desktop.invoke('conversations.get', { conversation }));
      await desktop.stop();
      return desktop;
    });
    const offline = await openPerson(relay.address, 'alice', { dataDir, known: true, openSocket: unreachable });
    await offline.invoke('messages.send', { conversation, text: 'by a thief' });
    await laptop.invoke('devices.revoke', { device });
    expect(await offline.invoke('session.get')).toMatchObject({ state: 'signed-in' });
    await offline.stop();

    const back = await reopen(dataDir);
    await eventually(async () => {
      expect(await back.invoke('session.get')).toMatchObject({ state: 'signed-out', reason: 'erased', waiting: 0 });
    });
    await eventually(() => expect(accountsOf(dataDir)).toEqual([]));
    expect(await texts(bob, conversation)).toEqual([]);
  });

  test('goes on erasing where it was killed, before anything is shown', async () => {
    const laptop = await openPerson(relay.address, 'alice');
    const desktop = await openPerson(relay.address, 'alice', { known: true });
    await online(desktop);
    await desktop.stop();
    const { dataDir, device } = desktop;
    const [account = ''] = accountsOf(dataDir);
    const crowd = join(dataDir, 'accounts', account, 'blobs', 'crowd');
    mkdirSync(crowd, { recursive: true });
    for (let file = 0; file < 20_000; file++) writeFileSync(join(crowd, `file-${file}`), '');
    const run = await spawnEngine(dataDir);
    await laptop.invoke('devices.revoke', { device });
    await run.told((session) => session.state === 'signed-out');
    await run.kill();
    expect(accountsOf(dataDir)).toEqual([account]);

    const back = await reopen(dataDir);
    expect(accountsOf(dataDir)).toEqual([]);
    expect(await back.invoke('session.get')).toMatchObject({ state: 'signed-out', reason: 'erased' });
  }, 60_000);

  test('an own log-out is no such end: the history stays', async () => {
    const laptop = await openPerson(relay.address, 'alice');
    const desktop = await openPerson(relay.address, 'alice', { known: true });
    await online(desktop);
    await desktop.invoke('session.logout', { erase: false });
    expect(await desktop.invoke('session.get')).toMatchObject({ state: 'signed-out', reason: 'logged-out' });
    expect(accountsOf(desktop.dataDir)).toHaveLength(1);
    expect(await laptop.invoke('devices.list')).toHaveLength(1);
  });
});
