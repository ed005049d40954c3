/** Fuzzes an engine from a relay that lies: whatever it says, the engine answers its person, and does not grow. */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openHeadlessEngine, type HeadlessClient } from '../../main/engine/headless.ts';
import type { SocketEvents } from '../../main/engine/connection/socket.ts';
import type { Log } from '../../main/engine/runtime/log.ts';
import {
  createId,
  encodeRelayFrame,
  joinFrames,
  ParleyError,
  type ConversationId,
  type MessageId,
} from '../../protocol/index.ts';
import { EngineClock, settle } from '../support/engine-clock.ts';
import { EngineRelay } from '../support/engine-relay.ts';
import { readHeld } from '../rig/check/held.ts';
import { Random } from '../rig/random.ts';
import { Tally } from '../rig/tally.ts';
import { encodeOrNull, mutateBytes, mutateFrame } from './mutate.ts';
import { makeRelayFrame, type Told } from './relay-frames.ts';
import type { FuzzOptions, FuzzResult } from './relay-fuzz.ts';

const messagesBetweenLooks = 300;
const slowMs = 2_000;
const allowedHeapBytes = 48 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** @param folder for the engine's files. */
export async function fuzzEngine({ seed, frames }: FuzzOptions, folder: string): Promise<FuzzResult> {
  const random = new Random(seed);
  const tally = new Tally();
  const violations: string[] = [];
  const latencies: number[] = [];
  const clock = new EngineClock();
  const relay = new EngineRelay(clock);
  const conversations = Array.from({ length: 5 }, () => relay.addConversation());
  relay.addPerson('eve', 'Eve');
  // It is asked about conversations that only the lies spoke of.
  relay.logOf = (id) => relay.logs.get(id) ?? { epoch: 0, members: [], messages: [], cursors: new Map() };
  let wire: SocketEvents | null = null;
  const dataDir = join(folder, 'engine');
  const client = await openHeadlessEngine({
    dataDir,
    clock,
    random: () => random.next(),
    http: relay.http,
    log: errorsInto(tally, violations),
    openSocket(url, events) {
      wire = events;
      return relay.openSocket(url, events);
    },
  });
  await client.invoke('session.login', { address: relay.base, username: 'ann', password: 'password' });
  await comeOnline(client, clock, relay);
  const told: Told = {
    relay: relay.id,
    self: relay.self.id,
    users: [...relay.profiles.keys()],
    conversations,
    strangers: Array.from({ length: 100 }, () => createId<ConversationId>()),
    messages: [createId<MessageId>(), ...(await typeSome(client, relay))],
  };
  let sent = 0;
  let before = 0;
  for (let message = 0; sent < frames && violations.length < 10; message++) {
    const group = Array.from({ length: random.between(1, 6) }, () => lyingFrame(random, told));
    sent += group.length;
    lie(wire, joinFrames(group));
    if (message % 10 === 0) await settle();
    if (relay.links.size === 0) {
      tally.add('links that a lie ended');
      await comeOnline(client, clock, relay);
    }
    if (message % messagesBetweenLooks !== 0) continue;
    // The relay of the tests remembers everything that was said to it.
    relay.received.splice(0);
    await comeOnline(client, clock, relay);
    await look(client, told, { violations, latencies });
    if (before === 0 && sent > frames / 10) before = heldBytes();
  }
  await comeOnline(client, clock, relay);
  await look(client, told, { violations, latencies });
  const after = heldBytes();
  if (after > before + allowedHeapBytes) violations.push(`the engine’s heap grew from ${before} to ${after}`);
  await client.stop();
  for (const damage of (await readHeld(dataDir, folder, true))?.damage ?? []) violations.push(`storage: ${damage}`);
  const memory = {
    before: { heapBytes: before, residentBytes: 0 },
    after: { heapBytes: after, residentBytes: process.memoryUsage().rss },
  };
  return { violations, frames: sent, tally, latencies, memory };
}

/** What throws out of the wire's listener would end a real process. */
function lie(wire: SocketEvents | null, bytes: Uint8Array): void {
  wire?.onMessage(bytes);
}

function lyingFrame(random: Random, told: Told): Uint8Array {
  const frame = makeRelayFrame(random, told);
  const right = encodeRelayFrame(frame);
  if (random.chance(0.97)) return right;
  if (random.chance(0.4)) return mutateBytes(random, right);
  return encodeOrNull(mutateFrame(random, { ...frame })) ?? right;
}

async function typeSome(client: HeadlessClient, relay: EngineRelay): Promise<MessageId[]> {
  relay.verdict = () => ({ do: 'refuse', code: 'storage_full', retryAfterMs: 600_000 });
  const [first] = relay.logs.keys();
  const ids: MessageId[] = [];
  for (let count = 0; first && count < 5; count++)
    ids.push((await client.invoke('messages.send', { conversation: first, text: `typed ${count}` })).id);
  return ids;
}

/** The lies end for a while: a person taps "try again", or logs in again where the relay ended the session. */
async function comeOnline(client: HeadlessClient, clock: EngineClock, relay: EngineRelay): Promise<void> {
  await clock.until(async () => {
    const session = await client.invoke('session.get');
    if (session.state === 'signed-out')
      await client.invoke('session.login', { address: relay.base, username: 'ann', password: 'password' });
    const { state } = await client.invoke('connection.get');
    if (state === 'stopped' || state === 'waiting') await client.invoke('connection.retry');
    return state === 'online';
  });
}

async function look(
  client: HeadlessClient,
  told: Told,
  { violations, latencies }: { violations: string[]; latencies: number[] },
): Promise<void> {
  const since = performance.now();
  try {
    await client.invoke('conversations.list', {});
    for (const conversation of told.conversations)
      await client.invoke('messages.page', { conversation, anchor: { at: 'latest' }, limit: 50 });
    await client.invoke('messages.search', { query: 'typed' });
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code === 'internal')
      violations.push(`a command failed: ${String(error)}`);
  }
  const took = performance.now() - since;
  latencies.push(took);
  if (took > slowMs) violations.push(`commands took ${Math.round(took)} ms`);
}

function errorsInto(tally: Tally, violations: string[]): Log {
  return {
    debug() {},
    info() {},
    warn: (event) => tally.add(`engine warned ${event}`),
    error(event, _fields, error) {
      tally.add(`engine error ${event}`);
      const stack = error instanceof Error ? (error.stack ?? '') : String(error);
      if (!(error instanceof ParleyError)) violations.push(`${event}: ${stack.split('\n').slice(0, 6).join(' ')}`);
    },
  };
}

function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
