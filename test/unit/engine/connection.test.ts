/** The connection: heartbeat, dead links, waiting, goodbyes, and knowing when trying does not help. */
import { expect, test } from 'vitest';
import { createBackoff } from '../../../main/engine/connection/backoff.ts';
import { createId, type RelayId } from '../../../protocol/index.ts';
import { scriptedSetting, sealedText, allMessages } from '../../support/engine-client.ts';
import { settle } from '../../support/engine-clock.ts';
import { record } from '../../support/engine-people.ts';

/** As a relay with very many devices wants it. */
const rare = { heartbeatMs: 300_000, deadAfterMs: 660_000 };

async function connected(timing: Partial<typeof rare> = {}) {
  const setting = await scriptedSetting();
  Object.assign(setting.relay, timing);
  const client = await setting.open();
  const state = async () => (await client.invoke('connection.get')).state;
  await setting.clock.until(async () => (await state()) === 'online');
  return { ...setting, client, state };
}

test('waits grow with full jitter up to half a minute, and begin small again after a reset', () => {
  const longest = createBackoff(() => 1);
  expect(Array.from({ length: 9 }, () => longest.next())).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ]);
  longest.reset();
  expect(longest.next()).toBe(500);
  expect(createBackoff(() => 0).next()).toBeGreaterThan(0);
});

test('an idle link is pinged in time and stays up', async () => {
  const { relay, clock, state } = await connected();
  relay.received.length = 0;
  await clock.advance(60_000);
  const pings = relay.received.filter(({ type }) => type === 'ping').length;
  expect(pings).toBeGreaterThanOrEqual(4);
  expect(pings).toBeLessThanOrEqual(6);
  expect(await state()).toBe('online');
});

test('a link that fell silent is given up after deadAfterMs and made anew', async () => {
  const { relay, clock, client, state } = await connected();
  const views = record(client, 'connection.changed');
  relay.silent = true;
  await clock.advance(25_000);
  expect(await state()).toBe('online');
  await clock.advance(2_000);
  await settle();
  expect(views.find((view) => view.state === 'waiting')).toMatchObject({ fault: { code: 'relay_unreachable' } });
  relay.silent = false;
  await clock.until(async () => (await state()) === 'online');
});

test('a relay that wants rare heartbeats hears nothing for minutes, and the link stays up', async () => {
  const { relay, clock, state } = await connected(rare);
  await clock.advance(60_000);
  const pings = () => relay.received.filter(({ type }) => type === 'ping').length;
  const before = pings();
  await clock.advance(200_000);
  expect(pings()).toBe(before);
  await clock.advance(400_000);
  expect(pings() - before).toBeGreaterThanOrEqual(1);
  expect(pings() - before).toBeLessThanOrEqual(3);
  expect(await state()).toBe('online');
});

test('with rare heartbeats, what is said after a silence notices a dead link within seconds', async () => {
  const { relay, clock, client, state } = await connected(rare);
  const conversation = relay.addConversation();
  relay.append(conversation, { payload: sealedText('hello') });
  relay.cut();
  await clock.until(async () => (await client.invoke('conversations.list', {})).length === 1);
  await clock.until(async () => (await state()) === 'online');
  await clock.advance(60_000);
  relay.silent = true;
  await client.invoke('messages.send', { conversation, text: 'anybody there?' });
  await clock.advance(4_500);
  expect(await state()).not.toBe('online');
  relay.silent = false;
  await clock.until(() => relay.logOf(conversation).messages.length === 2);
});

test('with rare heartbeats, a link that dies while something is unanswered is given up as soon as with quick ones', async () => {
  const { relay, clock, client, state } = await connected(rare);
  await clock.advance(60_000);
  await client.guest.invoke('engine.wake');
  await clock.advance(1_000);
  relay.silent = true;
  const people = [relay.self.id];
  await client.invoke('presence.watch', { users: people });
  await clock.advance(25_000);
  expect(await state()).toBe('online');
  await clock.advance(2_000);
  expect(await state()).not.toBe('online');
});

test('after waking up a dead link is noticed within seconds', async () => {
  const { relay, clock, client, state } = await connected();
  relay.silent = true;
  await client.guest.invoke('engine.wake');
  await clock.advance(4_500);
  expect(await state()).not.toBe('online');
});

test('a retry asked for by the person happens at once', async () => {
  const { relay, clock, client, state } = await connected();
  relay.up = false;
  relay.cut();
  await clock.advance(60_000);
  expect(await state()).toBe('waiting');
  relay.up = true;
  await client.invoke('connection.retry');
  await settle();
  await settle();
  expect(await state()).toBe('online');
});

test('a goodbye is honoured: not before its time, and soon after it', async () => {
  const { relay, clock, state } = await connected();
  relay.tell({ type: 'goodbye', code: 'going_away', message: 'Restarting.', retryAfterMs: 10_000 });
  await settle();
  relay.cut();
  await clock.advance(9_000);
  expect(await state()).toBe('waiting');
  await clock.advance(7_000);
  expect(await state()).toBe('online');
});

test('a refused token ends the session without hammering and keeps the outbox', async () => {
  const { relay, clock, client, dataDir, open } = await connected();
  const conversation = relay.addConversation();
  relay.cut();
  await clock.until(async () => (await client.invoke('conversations.list', {})).length === 1);
  relay.up = false;
  relay.cut();
  await client.invoke('messages.send', { conversation, text: 'kept' });
  relay.up = true;
  relay.knowsToken = false;
  const hellosBefore = relay.received.filter(({ type }) => type === 'hello').length;
  await clock.until(async () => (await client.invoke('session.get')).state === 'signed-out');
  await clock.advance(120_000);
  expect(relay.received.filter(({ type }) => type === 'hello')).toHaveLength(hellosBefore + 1);
  expect(await client.invoke('session.get')).toMatchObject({ reason: 'revoked', waiting: 1 });
  await client.stop();

  relay.knowsToken = true;
  const again = await open({ dataDir });
  await again.invoke('session.login', { address: relay.base, username: 'ann', password: 'password' });
  await clock.until(() => relay.logOf(conversation).messages.length === 1);
});

test('a token refused by a relay that is not ours does not log out', async () => {
  const { relay, clock, client } = await connected();
  relay.id = createId<RelayId>();
  relay.knowsToken = false;
  relay.cut();
  await clock.until(async () => (await client.invoke('connection.get')).state === 'stopped');
  expect(await client.invoke('connection.get')).toMatchObject({ fault: { code: 'different_relay' } });
  expect(await client.invoke('session.get')).toMatchObject({ state: 'signed-in' });
});

test('bad bytes from the relay close that link and the next one catches up', async () => {
  const { relay, clock, client } = await connected();
  const conversation = relay.addConversation();
  relay.append(conversation, { payload: sealedText('hello') });
  relay.tell({ type: 'deliver', conversation: 'not an id' as never, messages: [] });
  await clock.until(async () => (await client.invoke('conversations.list', {})).length === 1);
  expect(await allMessages(client, conversation)).toHaveLength(1);
});

test('the clock of the computer may jump while a link is up', async () => {
  const { clock, client, relay, state } = await connected();
  clock.skew = -86_400_000;
  await clock.advance(60_000);
  expect(await state()).toBe('online');
  const conversation = relay.addConversation();
  relay.cut();
  await clock.until(async () => (await client.invoke('conversations.list', {})).length === 1);
  const { time } = await client.invoke('messages.send', { conversation, text: 'when?' });
  expect(Math.abs(time - (clock.now() - clock.skew))).toBeLessThan(5_000);
});
