/** A device that does not read costs the relay a bounded amount of memory, and nobody else anything (P9). */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
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
import { announceDevice } from '../../../signaling-server/relay/announce.ts';

let relay: RelayCore;
afterEach(() => relay.stop());

const fast = { sendsPerSecond: 1e6, sendBurst: 1e6, framesPerSecond: 1e6, frameBurst: 1e6 };

interface Scene {
  readonly anna: TestDevice;
  readonly ben: TestDevice;
  readonly conversation: ConversationId;
  readonly sender: RelayClient;
}

async function start(settings: Parameters<typeof startRelayCore>[0]): Promise<Scene> {
  relay = await startRelayCore(settings);
  const [anna, ben] = [await addPerson(relay.store), await addPerson(relay.store)];
  const conversation = await addConversation(relay.store, anna, ben);
  const sender = await relay.hello(anna);
  await sender.sync();
  return { anna, ben, conversation, sender };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of buffers that something still holds. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** V8 frees buffers behind the collection's back: what stays after a few looks is held. */
async function expectHeld(before: number, megabytes: number): Promise<void> {
  await expect.poll(() => heldBytes() - before, { timeout: 5_000 }).toBeLessThan(megabytes * 1024 * 1024);
}

async function sendMegabytes({ sender, conversation }: Scene, megabytes: number): Promise<number> {
  const text = 'x'.repeat(16 * 1024);
  const before = sender.all('accepted').length;
  const count = megabytes * 64;
  for (let index = 0; index < count; index++) {
    sender.send(message(conversation, text));
    if (index % 32 === 31) await sender.until(() => sender.all('accepted').length === before + index + 1, 20_000);
  }
  await sender.until(() => sender.all('accepted').length === before + count, 20_000);
  return before + count;
}

it('a stalled device is fed from the store when it reads again: everything, in order, once', async () => {
  let lagging = 0;
  const scene = await start({
    settings: { ...fast, maxBufferedBytes: 512 * 1024 },
    metrics: { sessionLagging: () => lagging++ },
  });
  const slow = await relay.hello(scene.ben);
  const quick = await relay.hello(await addDevice(relay.store, scene.ben.profile));
  await Promise.all([slow.sync(), quick.sync()]);
  slow.ws.pause();
  const before = heldBytes();
  const head = await sendMegabytes(scene, 24);
  await quick.until(() => quick.delivered(scene.conversation).length === head, 20_000);
  expect(lagging).toBe(1);
  // Sender, receiver and relay share this process: what the quick device kept is not the relay's.
  quick.forget();
  await expectHeld(before, 8);
  slow.ws.resume();
  await slow.until(() => slow.delivered(scene.conversation).length >= head, 20_000);
  expect(slow.delivered(scene.conversation)).toEqual(Array.from({ length: head }, (_, index) => index + 1));
  await scene.sender.say(scene.conversation, 'live again');
  await slow.until(() => slow.delivered(scene.conversation).at(-1) === head + 1);
}, 60_000);

it('a device that takes nothing for too long is closed with a reason', async () => {
  const scene = await start({
    settings: { ...fast, maxBufferedBytes: 256 * 1024, stalledAfterMs: 1_000, deadAfterMs: 600_000 },
  });
  const slow = await relay.hello(scene.ben);
  await slow.sync();
  slow.ws.pause();
  await sendMegabytes(scene, 12);
  await expect.poll(() => relay.hub.counts().sessions, { timeout: 10_000 }).toBe(1);
  slow.ws.resume();
  await slow.closed;
  scene.sender.send({ type: 'ping' });
  await scene.sender.next('pong');
}, 60_000);

it('a device that asks for much and reads nothing is not read any further, and costs the others nothing', async () => {
  const scene = await start({ settings: { ...fast, maxBufferedBytes: 256 * 1024 } });
  await sendMegabytes(scene, 4);
  const greedy = await relay.hello(scene.ben);
  await greedy.sync();
  greedy.ws.pause();
  const before = heldBytes();
  for (let ref = 0; ref < 2_000; ref++) {
    greedy.send({ type: 'fetch', ref, conversation: scene.conversation, from: 1, to: 256 });
    greedy.send({ type: 'watch', users: [scene.anna.user] });
  }
  const begun = performance.now();
  for (let count = 0; count < 20; count++) await scene.sender.say(scene.conversation, 'quick');
  expect(performance.now() - begun).toBeLessThan(2_000);
  await expectHeld(before, 8);
  greedy.ws.resume();
  await greedy.until(() => greedy.all('fetched').length + greedy.all('error').length === 2_000, 30_000);
}, 60_000);

it('a device that asks about chains and reads nothing is bounded, and gets its answers when it reads', async () => {
  const scene = await start({ settings: { ...fast, maxBufferedBytes: 256 * 1024 } });
  await sendMegabytes(scene, 4);
  const greedy = await relay.hello(scene.ben);
  await greedy.sync();
  greedy.ws.pause();
  const before = heldBytes();
  const seqs = Array.from({ length: 16 }, (_, index) => index + 1);
  const link = new Uint8Array(32);
  for (let ref = 0; ref < 1_000; ref++) {
    greedy.send({ type: 'chain', ref, conversation: scene.conversation, seqs });
    greedy.send({ type: 'attest', heads: [{ conversation: scene.conversation, seq: 1 + (ref % 256), link }] });
  }
  for (let count = 0; count < 20; count++) await scene.sender.say(scene.conversation, 'quick');
  await expectHeld(before, 8);
  greedy.ws.resume();
  await greedy.until(() => greedy.all('chained').length + greedy.all('error').length === 1_000, 30_000);
  expect(greedy.all('chained').length).toBeGreaterThan(0);
  expect(greedy.all('error').every(({ code }) => code === 'rate_limited')).toBe(true);
}, 60_000);

it('a stalled device hears that the user’s devices are others, once, when it reads again', async () => {
  const scene = await start({ settings: { ...fast, maxBufferedBytes: 256 * 1024 } });
  const slow = await relay.connect();
  await slow.hello(scene.ben.token, 0, ['devices']);
  await slow.sync();
  slow.ws.pause();
  await sendMegabytes(scene, 12);
  for (let count = 0; count < 1_000; count++) announceDevice(relay.bus, scene.ben.user);
  const { head = 0 } = (await relay.store.conversations.get(scene.conversation, scene.ben.user)) ?? {};
  slow.ws.resume();
  await slow.until(() => slow.delivered(scene.conversation).length === head, 20_000);
  await slow.until(() => slow.all('devices').length > 0);
  slow.send({ type: 'ping' });
  await slow.next('pong');
  expect(slow.all('devices')).toHaveLength(1);
}, 60_000);
