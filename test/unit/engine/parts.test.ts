/** The engine's small parts: excerpts, logging, throttling, typing, watching, and an engine that cannot open at first. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { engineContract } from '../../../bridge/engine-contract.ts';
import { guestContract } from '../../../bridge/host-contract.ts';
import { createRpcClient } from '../../../bridge/rpc.ts';
import { createPatientEngine } from '../../../main/engine/patient-engine.ts';
import { openEngine } from '../../../main/engine/engine.ts';
import type { EngineOptions } from '../../../main/engine/options.ts';
import { createLinkedPorts } from '../../../main/engine/runtime/linked-ports.ts';
import { createLogFile } from '../../../main/engine/runtime/log-file.ts';
import { createThrottle } from '../../../main/engine/runtime/throttle.ts';
import { excerptOf } from '../../../main/engine/search/excerpt.ts';
import { createSecretFile } from '../../../main/engine/storage/secret-file.ts';
import { createId, encodeSignalContent, ParleyError, type DeviceId } from '../../../protocol/index.ts';
import { scriptedSetting, sealedText, temporaryFolder } from '../../support/engine-client.ts';
import { EngineClock, settle } from '../../support/engine-clock.ts';
import { eventually, record } from '../../support/engine-people.ts';

test('an excerpt shows the match with its surroundings, whole characters, and folds as the search does', () => {
  const text = `${'x'.repeat(100)} Ünïcödé 👩‍👩‍👧 ${'y'.repeat(300)}`;
  const parts = excerptOf(text, ['unicode']);
  expect(parts[1]).toBe('Ünïcödé');
  expect(parts[0]?.startsWith('…xxx')).toBe(true);
  expect(parts[2]?.endsWith('…')).toBe(true);
  expect(parts).toHaveLength(3);
  expect(excerptOf('ab ab', ['ab'])).toEqual(['', 'ab', ' ', 'ab', '']);
  expect(excerptOf('ﬁn', ['fi'])).toEqual(['ﬁn']);
});

test('the log keeps codes and places, never words, and turns over by size', async () => {
  const file = join(await temporaryFolder(), 'logs', 'engine.log');
  const log = createLogFile({ file, level: 'info', clock: new EngineClock(), maxBytes: 2_000 });
  log.debug('too.low');
  log.error('send.failed', { count: 1 }, new ParleyError('forbidden', { message: 'Secret words of a person' }));
  const entry = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  expect(entry).toMatchObject({ level: 'error', event: 'send.failed', count: 1, code: 'forbidden' });
  expect(readFileSync(file, 'utf8')).not.toContain('Secret');
  for (let count = 0; count < 100; count++) log.info('filler', { count });
  expect(existsSync(`${file}.1`)).toBe(true);
  expect(statSync(file).size).toBeLessThan(3_000);
});

test('a throttle runs soon, then at most once an interval, and forgets when cancelled', async () => {
  const clock = new EngineClock();
  let runs = 0;
  const throttle = createThrottle(clock, 100, () => runs++);
  throttle.trigger();
  throttle.trigger();
  await clock.advance(1);
  expect(runs).toBe(1);
  throttle.trigger();
  await clock.advance(50);
  expect(runs).toBe(1);
  await clock.advance(60);
  expect(runs).toBe(2);
  throttle.trigger();
  throttle.cancel();
  await clock.advance(500);
  expect(runs).toBe(2);
});

test('typing is told sparingly, shown to the others, and forgotten after six seconds', async () => {
  const { relay, clock, open } = await scriptedSetting();
  const conversation = relay.addConversation();
  const client = await open();
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  const signals = () => relay.received.filter(({ type }) => type === 'signal').length;
  for (let second = 0; second < 6; second++) {
    await client.invoke('typing.set', { conversation, typing: true });
    await clock.advance(1_000);
  }
  expect(signals()).toBe(2);
  await client.invoke('typing.set', { conversation, typing: false });
  await client.invoke('typing.set', { conversation, typing: false });
  expect(signals()).toBe(3);

  const typing = record(client, 'typing.changed');
  const payload = new Uint8Array(encodeSignalContent({ kind: 'typing', typing: true }));
  relay.tell({ type: 'signal', conversation, user: relay.peer.id, device: createId<DeviceId>(), payload });
  await clock.advance(5_000);
  expect(typing.map(({ people }) => people.length)).toEqual([1]);
  await clock.advance(2_000);
  expect(typing.map(({ people }) => people.length)).toEqual([1, 0]);
});

test('the list of watched people is asked for again on every new link', async () => {
  const { relay, clock, open } = await scriptedSetting();
  const client = await open();
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  expect(await client.invoke('presence.watch', { users: [relay.peer.id] })).toMatchObject([{ state: 'unknown' }]);
  await settle();
  expect(await client.invoke('presence.watch', { users: [relay.peer.id] })).toMatchObject([{ state: 'online' }]);
  relay.cut();
  await settle();
  expect(await client.invoke('presence.watch', { users: [relay.peer.id] })).toMatchObject([{ state: 'unknown' }]);
  await clock.until(
    async () => (await client.invoke('presence.watch', { users: [relay.peer.id] }))[0]?.state === 'online',
  );
});

test('presence that the relay cannot find out is unclear, until it can', async () => {
  const { relay, clock, open } = await scriptedSetting();
  const client = await open();
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  await client.invoke('presence.watch', { users: [relay.peer.id] });
  await settle();
  const changes = record(client, 'presence.changed');
  const user = relay.peer.id;
  relay.tell({ type: 'presence', users: [{ user, online: false, lastActiveAt: 5, unknown: true }] });
  await settle();
  expect(changes.at(-1)).toEqual([{ user, state: 'unclear', lastActiveAt: 5 }]);
  relay.tell({ type: 'presence', users: [{ user, online: false, lastActiveAt: 5 }] });
  await settle();
  expect(changes.at(-1)).toEqual([{ user, state: 'offline', lastActiveAt: 5 }]);
});

test('notifications tell of fresh messages only, and of nothing that was read', async () => {
  const { relay, clock, open } = await scriptedSetting();
  const conversation = relay.addConversation();
  relay.append(conversation, { payload: sealedText('an hour old'), time: clock.now() - 3_600_000 });
  relay.append(conversation, { payload: sealedText('just now'), time: clock.now() - 1_000 });
  const client = await open();
  const told: string[] = [];
  client.guest.on('message.arrived', ({ text }) => told.push(text));
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  relay.say(conversation, { payload: sealedText('own, elsewhere'), user: relay.self.id });
  relay.say(conversation, { payload: sealedText('and now') });
  await clock.advance(1_000);
  expect(told).toEqual(['just now', 'and now']);
});

function optionsFor(dataDir: string): EngineOptions {
  return {
    dataDir,
    host: { secrets: createSecretFile(join(dataDir, 'token')) },
    device: { name: 'Test', platform: 'test' },
    appVersion: '0',
  };
}

function patient(dataDir: string) {
  const engine = createPatientEngine(optionsFor(dataDir));
  const [enginePort, pagePort] = createLinkedPorts();
  const [guestPort, hostPort] = createLinkedPorts();
  engine.serve(enginePort);
  engine.serveHost(guestPort);
  const guest = createRpcClient(guestContract, hostPort);
  const faults: string[] = [];
  guest.on('storage.failed', ({ code }) => faults.push(code));
  onTestFinished(() => guest.invoke('engine.close'));
  return { page: createRpcClient(engineContract, pagePort), guest, faults };
}

test('an engine whose profile is in use answers why, and opens when the other one is gone', async () => {
  const dataDir = await temporaryFolder();
  const holder = await openEngine(optionsFor(dataDir));
  const { page, faults } = patient(dataDir);
  await expect(page.invoke('session.get')).rejects.toMatchObject({
    code: 'storage_busy',
    message: expect.stringContaining('Another Parley') as string,
  });
  expect(faults).toContain('storage_busy');
  await holder.close();
  await eventually(async () => expect(await page.invoke('session.get')).toMatchObject({ state: 'signed-out' }));
});

test('an engine whose profile is of a newer version says so to every page, and stays closed', async () => {
  const dataDir = await temporaryFolder();
  const database = new Sqlite(join(dataDir, 'profile.db'));
  database.pragma('user_version = 99');
  database.close();
  const { page, guest } = patient(dataDir);
  await expect(page.invoke('session.get')).rejects.toMatchObject({ code: 'storage_newer' });
  await expect(page.invoke('conversations.list', {})).rejects.toMatchObject({ code: 'storage_newer' });
  await guest.invoke('engine.close');
});
