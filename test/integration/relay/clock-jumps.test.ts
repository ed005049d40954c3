/** The relay's clock is set an hour forward or back: nobody is cut off, the dead are still found, times never fall. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../../protocol/index.ts';
import {
  addConversation,
  addDevice,
  addPerson,
  startRelayCore,
  type RelayCore,
  type TestDevice,
} from '../../support/relay-core.ts';
import { message, type RelayClient } from '../../support/relay-client.ts';

const hourMs = 3_600_000;
let offset: number;
let relay: RelayCore;
let anna: TestDevice;
let ben: TestDevice;
let conversation: ConversationId;

beforeEach(async () => {
  offset = 0;
  const settings = { heartbeatMs: 300, deadAfterMs: 1_500, helloTimeoutMs: 500, sendsPerSecond: 10, sendBurst: 20 };
  relay = await startRelayCore({ settings, clock: () => Date.now() + offset });
  anna = await addPerson(relay.store);
  ben = await addPerson(relay.store);
  conversation = await addConversation(relay.store, anna, ben);
});
afterEach(() => relay.stop());

async function synced(device: TestDevice): Promise<RelayClient> {
  const client = await relay.hello(device);
  await client.sync();
  return client;
}

/** Pings as devices do, until told to stop. */
function keepAlive(client: RelayClient): () => void {
  const timer = setInterval(() => client.send({ type: 'ping' }), 300);
  return () => clearInterval(timer);
}

/** The sweep has looked at every connection since. */
async function sweptTwice(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const silent = await relay.connect();
    await silent.closed;
  }
}

describe.each([
  ['forward', hourMs],
  ['back', -hourMs],
])('a clock set an hour %s', (_direction, jump) => {
  it('cuts nobody off who is there, and still finds who is not', async () => {
    const [here, gone] = [await synced(anna), await synced(ben)];
    const stop = keepAlive(here);
    here.send({ type: 'watch', users: [ben.user] });
    expect((await here.next('presence')).users).toMatchObject([{ online: true }]);
    offset = jump;
    expect((await gone.closed).code).toBe(4410);
    expect((await here.next('presence')).users).toMatchObject([{ user: ben.user, online: false }]);
    await sweptTwice();
    stop();
    expect(here.frames.some(({ type }) => type === 'error')).toBe(false);
    expect(await here.say(conversation, 'still here')).toMatchObject({ type: 'accepted' });
  });

  it('lets people send on as before, no faster and no slower', async () => {
    const client = await synced(anna);
    const burst = async () => {
      client.forget();
      for (let count = 0; count < 40; count++) client.send(message(conversation, 'x'));
      await client.until(() => client.all('accepted').length + client.all('refused').length === 40);
      return client.all('accepted').length;
    };
    expect(await burst()).toBeGreaterThanOrEqual(20);
    offset = jump;
    // A bucket that went by the clock would be full again at once.
    expect(await burst()).toBeLessThan(15);
    await expect.poll(burst, { timeout: 4_000 }).toBeGreaterThan(0);
  });

  it('never lets the times of a conversation fall, and takes what devices sign off', async () => {
    const client = await synced(anna);
    await client.say(conversation, 'before');
    offset = jump;
    await client.say(conversation, 'after');
    offset = 0;
    await client.say(conversation, 'corrected');
    const kept = await relay.store.log.read(conversation, { from: 1, to: 9, limit: 9, maxBytes: 1e6 });
    expect(kept.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(kept.map(({ time }) => time)).toEqual(kept.map(({ time }) => time).sort((a, b) => a - b));
    const head = (seq: number) => ({ conversation, seq, link: new Uint8Array(32).fill(seq) });
    offset = jump;
    client.send({ type: 'attest', heads: [head(2)] });
    offset = 0;
    client.send({ type: 'attest', heads: [head(3)] }, { type: 'chain', ref: 1, conversation, seqs: [] });
    expect((await client.next('chained')).devices).toMatchObject([{ device: anna.device, seq: 3 }]);
  });

  it('lets a device that says no sync have live messages all the same, and the newer connection win', async () => {
    const mute = await relay.hello(await addDevice(relay.store, ben.profile));
    const sender = await synced(anna);
    const stop = [mute, sender].map(keepAlive);
    offset = jump;
    await sender.say(conversation, 'live');
    await mute.next('deliver');
    const newer = await synced(anna);
    expect((await sender.closed).code).toBe(4412);
    stop.forEach((end) => end());
    expect(await newer.say(conversation, 'from the newer one')).toMatchObject({ type: 'accepted' });
  });
});

it('a clock that was an hour ahead leaves nobody last seen in the future', async () => {
  offset = hourMs;
  const gone = await synced(ben);
  await gone.close();
  await expect.poll(() => relay.hub.counts().sessions).toBe(0);
  offset = 0;
  const client = await synced(anna);
  client.send({ type: 'watch', users: [ben.user] });
  const [presence] = (await client.next('presence')).users;
  expect(presence?.online).toBe(false);
  expect(presence?.lastActiveAt).toBeLessThanOrEqual(Date.now());
});
