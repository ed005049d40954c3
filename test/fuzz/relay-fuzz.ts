/** Fuzzes a real relay process: many hostile sockets and requests, while two quiet people chat. */
import { WebSocket } from 'ws';
import {
  decodeRelayFrames,
  encodeClientFrame,
  isErrorCode,
  joinFrames,
  paths,
  sealedSize,
  type Session,
} from '../../protocol/index.ts';
import { helloFrame, registerAt } from '../support/plain-client.ts';
import { BlobDevice, makeBlob, openConversation } from '../support/relay-blobs.ts';
import { spawnRelay } from '../support/start-relay.ts';
import { within } from '../rig/deadline.ts';
import { Random } from '../rig/random.ts';
import { Tally } from '../rig/tally.ts';
import { makeClientFrame, type Known } from './client-frames.ts';
import { sendGarbage, type HttpKnown } from './http-garbage.ts';
import { settledMemory, type Memory } from './memory.ts';
import { encodeOrNull, mutateBytes, mutateFrame } from './mutate.ts';
import { startQuietPair } from './quiet-pair.ts';

export interface FuzzResult {
  readonly violations: readonly string[];
  readonly frames: number;
  readonly tally: Tally;
  readonly latencies: readonly number[];
  readonly memory: { readonly before: Memory; readonly after: Memory };
}

export interface FuzzOptions {
  readonly seed: number;
  readonly frames: number;
}

const hostileSockets = 4;
/** Requests at a time that are no good, each left open for a moment to see what comes. */
const garbageLanes = 4;
const lingerMs = 100;
const answerMs = 20_000;
/**
 * What the quiet pair may wait, in milliseconds, or so many times what it waited (p99) before the fuzz began: the relay, the
 * pair and four devices that say all they can share two cores, maybe with other work.
 */
const allowedLatency = { p99Ms: 250, longestMs: 3_000, timesQuiet: 8 };
/** Heap that may stay above the start: caches of people and conversations that are there now, and code. */
const allowedHeapBytes = 24 * 1024 * 1024;
/** As near to the start that waiting longer for the garbage collector would tell nothing new. */
const nearBytes = 4 * 1024 * 1024;

export async function fuzzRelay({ seed, frames }: FuzzOptions): Promise<FuzzResult> {
  const relay = await spawnRelay({
    args: [
      '--frames-per-second',
      '1000000',
      '--frame-burst',
      '1000000',
      '--max-connections-per-address',
      '100000',
      '--max-greetings-per-address',
      '100000',
    ],
  });
  const scene = await setScene(relay.address);
  const tally = new Tally();
  const violations: string[] = [];
  const pair = await startQuietPair(relay.address, [scene.anna.token, scene.ben.token], scene.quiet);
  const before = await settledMemory(relay.address);
  const quietCount = pair.latencies.length;
  let sent = 0;

  async function hostile(random: Random, session: Session): Promise<void> {
    while (sent < frames && violations.length < 10) {
      const socket = await openHostile(relay.address, session.token, tally, violations);
      while (socket.isOpen() && sent < frames) {
        sent += socket.say(random, scene.known);
        await within(answerMs, socket.answered(), () => 'the relay’s answer to a hostile socket');
      }
      socket.close();
    }
  }

  async function garbage(random: Random): Promise<void> {
    while (sent < frames && violations.length < 10) {
      const statuses = await sendGarbage(random, relay.port, scene.http, lingerMs);
      tally.add('HTTP garbage');
      for (const status of statuses) {
        tally.add(`HTTP answers ${status}`);
        if (status === '500') violations.push('the relay answered 500 to garbage');
      }
    }
  }

  try {
    const hostiles = Array.from({ length: hostileSockets }, (_, index) =>
      hostile(new Random(seed * 1_000 + index), index % 2 === 0 ? scene.mallory : scene.trudy),
    );
    const garbages = Array.from({ length: garbageLanes }, (_, index) =>
      garbage(new Random(seed * 1_000 + 500 + index)),
    );
    await Promise.all([...hostiles, ...garbages]);
    await pair.stop();
    violations.push(...tooLate(pair.latencies.slice(0, quietCount), pair.latencies.slice(quietCount)));
    await within(answerMs, fetch(`${relay.address}${paths.health}`), () => 'the relay’s health');
  } catch (error) {
    violations.push(String(error));
  }
  if (!isAlive(relay.pid)) {
    violations.push(`the relay ended by itself: ${relay.output().slice(-3_000)}`);
    return { violations, frames: sent, tally, latencies: pair.latencies, memory: { before, after: before } };
  }
  const after = await settledMemory(relay.address, before.heapBytes + nearBytes);
  if (after.heapBytes > before.heapBytes + allowedHeapBytes)
    violations.push(`the relay’s heap grew from ${before.heapBytes} to ${after.heapBytes}`);
  for (const line of relay.output().split('\n'))
    if (/"level":"?(error|fatal|50|60)/.test(line)) violations.push(`the relay logged ${line.slice(0, 400)}`);
  const code = await relay.stop();
  if (code !== 0) violations.push(`the relay ended with ${code}`);
  return {
    violations: [...violations, ...pair.faults],
    frames: sent,
    tally,
    latencies: pair.latencies,
    memory: { before, after },
  };
}

function tooLate(quiet: readonly number[], latencies: readonly number[]): string[] {
  const { p99Ms, longestMs, timesQuiet } = allowedLatency;
  const slack = Math.max(1, (timesQuiet * shareOf(quiet, 0.99)) / p99Ms);
  const [p99, longest] = [shareOf(latencies, 0.99), shareOf(latencies, 1)];
  if (p99 <= p99Ms * slack && longest <= longestMs * slack) return [];
  return [`the quiet pair waited ${Math.round(p99)} ms (p99), ${Math.round(longest)} ms at the longest`];
}

function shareOf(latencies: readonly number[], share: number): number {
  const sorted = latencies.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.POSITIVE_INFINITY;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function setScene(address: string) {
  const [anna, ben, mallory, trudy] = [
    await registerAt(address, 'anna'),
    await registerAt(address, 'ben'),
    await registerAt(address, 'mallory'),
    await registerAt(address, 'trudy'),
  ];
  const quiet = await openConversation(address, anna, ben);
  const own = [
    await openConversation(address, mallory, ben),
    await openConversation(address, mallory, trudy),
    await openConversation(address, trudy, anna),
  ];
  const known: Known = {
    conversations: [...own, quiet],
    users: [anna, ben, mallory, trudy].map(({ account }) => account.id),
    devices: [anna, ben, mallory, trudy].map(({ device }) => device),
  };
  const blob = makeBlob(sealedSize(5_000));
  await new BlobDevice(address, mallory, own[0] ?? quiet).upload(blob);
  const http: HttpKnown = { ...known, token: mallory.token, blob: blob.id };
  return { http, anna, ben, mallory, trudy, quiet, known };
}

async function openHostile(address: string, token: string, tally: Tally, violations: string[]) {
  const ws = new WebSocket(`${address.replace(/^http/, 'ws')}/v1/socket`);
  let wake = (): void => {};
  let answered = false;
  ws.on('error', () => {});
  ws.on('close', (code) => {
    tally.add(`sockets closed with ${code}`);
    wake();
  });
  ws.on('message', (data: Buffer) => {
    for (const frame of decodeRelayFrames(data)) {
      if (frame.type === 'pong') answered = true;
      if (frame.type !== 'error' && frame.type !== 'refused') continue;
      tally.add(`frames answered ${frame.code}`);
      if (!isErrorCode(frame.code) || frame.code === 'internal')
        violations.push(`the relay answered ${frame.code}: ${frame.message}`);
    }
    if (answered) wake();
  });
  await new Promise<void>((done) => {
    ws.once('open', done);
    ws.once('close', () => done());
  });
  const isOpen = (): boolean => ws.readyState === ws.OPEN;
  if (isOpen()) ws.send(encodeClientFrame(helloFrame(token)));
  return {
    isOpen,
    close: () => ws.terminate(),
    /** @returns how many frames it said. */
    say(random: Random, known: Known): number {
      let said = 0;
      for (let message = 0; message < 24; message++) {
        const frames = Array.from({ length: random.between(1, 6) }, () => hostileFrame(random, known));
        said += frames.length;
        const kind = random.weighted({ frames: 500, text: 1, ping: 1 });
        if (kind === 'text') ws.send('text');
        else if (kind === 'ping') ws.ping(Buffer.alloc(100));
        else ws.send(joinFrames(frames));
      }
      answered = false;
      ws.send(encodeClientFrame({ type: 'ping' }));
      return said;
    },
    answered: () =>
      new Promise<void>((done) => {
        wake = done;
        if (answered || !isOpen()) done();
      }),
  };
}

/** Most are right in form, for one that is not ends its socket. */
function hostileFrame(random: Random, known: Known): Uint8Array {
  const frame = makeClientFrame(random, known);
  const right = encodeClientFrame(frame);
  if (random.chance(0.98)) return right;
  if (random.chance(0.4)) return mutateBytes(random, right);
  return encodeOrNull(mutateFrame(random, { ...frame })) ?? right;
}
