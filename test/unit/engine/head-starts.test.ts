/** The moment at which the direct way had its head start, with a clock that moves while it is read. */
import { expect, test } from 'vitest';
import type { BlobRef, BlobVault } from '../../../main/engine/blobs/blob-vault.ts';
import type { BlobClient } from '../../../main/engine/connection/blob-client.ts';
import type { Clock } from '../../../main/engine/runtime/clock.ts';
import { createIncoming } from '../../../main/engine/transfers/incoming.ts';
import { createOutgoing } from '../../../main/engine/transfers/outgoing.ts';
import { createSlots } from '../../../main/engine/transfers/slots.ts';
import type { Wanted } from '../../../main/engine/transfers/source.ts';
import { defaultTiming } from '../../../main/engine/transfers/timing.ts';
import {
  createId,
  ParleyError,
  type BlobId,
  type ConversationId,
  type DeviceId,
  type UserId,
} from '../../../protocol/index.ts';
import { settle } from '../../support/engine-clock.ts';

/** Each look at it takes a moment, and its timers run a moment early, as those of Node may. */
class CreepingClock implements Clock {
  #time = 0;
  readonly #early: number;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  constructor(early: number) {
    this.#early = early;
  }

  now(): number {
    return this.#time;
  }

  monotonic(): number {
    return (this.#time += 0.1);
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#time + ms - this.#early, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  async advanceTo(time: number): Promise<void> {
    for (let next = this.#first(time); next; next = this.#first(time)) {
      this.#timers.delete(next);
      this.#time = Math.max(this.#time, next.at);
      next.run();
      await settle();
    }
    this.#time = Math.max(this.#time, time);
  }

  #first(until: number) {
    return [...this.#timers].filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at)[0];
  }
}

const ref: BlobRef = { blob: 'b'.repeat(43) as BlobId, key: new Uint8Array(32), bytes: 8 * 1024 * 1024 };
const earlinesses = Array.from({ length: 31 }, (_, index) => index * 0.05);

function surroundings(clock: Clock, whole: boolean) {
  const state = { ...ref, chunks: 32, heldChunks: whole ? 32 : 0, heldBytes: 0, whole, hashed: whole };
  const vault: Partial<BlobVault> = {
    state: () => state,
    expect: async () => state,
    holds: () => whole,
    missing: () => null,
    put: async () => 'stored',
  };
  return {
    ...{ ref, clock, conversation: createId<ConversationId>(), random: () => 0.5, timing: defaultTiming },
    vault: vault as BlobVault,
    slots: createSlots(1),
    relayUse: () => 'any' as const,
    isUp: () => true,
    isDirectAllowed: () => true,
    onMoved: () => {},
    onChanged: () => {},
  };
}

/** A relay that counts how often it was asked, and always says no. */
function refusingRelay(code: 'quota_exceeded' | 'not_found' = 'quota_exceeded') {
  let asked = 0;
  const refuse = (): Promise<never> => {
    asked++;
    return Promise.reject(new ParleyError(code, { message: 'No.' }));
  };
  const relay: Partial<BlobClient> = { begin: refuse, hashes: refuse };
  return { relay: relay as BlobClient, asked: () => asked };
}

test('a file goes to the relay once nobody came for it, at whichever moment its head start ends', async () => {
  for (const early of earlinesses) await offerFile(early);
});

async function offerFile(early: number): Promise<void> {
  const clock = new CreepingClock(early);
  const { relay, asked } = refusingRelay();
  const outgoing = createOutgoing({
    ...surroundings(clock, true),
    relay,
    receivers: () => [createId<UserId>()],
    deliveries: [],
    onDelivered: () => {},
    onPublished: () => {},
    onDone: () => {},
    onFailed: () => {},
  });
  outgoing.start();
  await clock.advanceTo(defaultTiming.graceMs + 100);
  expect(asked(), `timers ${early.toFixed(2)} ms early`).toBe(1);
  expect(outgoing.movement().fault?.code).toBe('quota_exceeded');
  outgoing.stop();
}

test('a file is asked of the relay once nobody brought it, at whichever moment its head start ends', async () => {
  for (const early of earlinesses) await wantFile(early);
});

async function wantFile(early: number): Promise<void> {
  const clock = new CreepingClock(early);
  const { relay, asked } = refusingRelay();
  const incoming = createIncoming({
    ...surroundings(clock, false),
    relay,
    sender: () => null,
    peers: { session: () => null, sessions: () => [], isConnecting: () => false, want: () => {} } as never,
    askAround: () => {},
    onWhole: () => {},
    onFault: () => {},
  });
  incoming.start();
  await settle();
  await clock.advanceTo(defaultTiming.graceMs + 100);
  expect(asked(), `timers ${early.toFixed(2)} ms early`).toBe(1);
  incoming.stop();
}

test('the relay is asked soon after the device that brought a file is gone, however late that came', async () => {
  const clock = new CreepingClock(0);
  const { relay, asked } = refusingRelay('not_found');
  const origin = { conversation: createId<ConversationId>(), user: createId<UserId>(), device: createId<DeviceId>() };
  const bringing: Wanted[] = [];
  const asking = {
    want: (wanted: Wanted) => void bringing.push(wanted),
    wants: () => bringing.length > 0,
    isMoving: () => bringing.length > 0,
    refill: () => {},
  };
  let session: unknown = { asking };
  const incoming = createIncoming({
    ...surroundings(clock, false),
    ...{ relay, conversation: origin.conversation, sender: () => origin.user },
    peers: { session: () => session, sessions: () => [], isConnecting: () => false, want: () => {} } as never,
    askAround: () => {},
    onWhole: () => {},
    onFault: () => {},
  });
  incoming.start();
  await settle();
  await clock.advanceTo(12_000);
  expect(asked()).toBe(1);
  incoming.heldBy(origin);
  await bringing[0]?.take({ device: origin.device, path: 'direct' }, 0, new Uint8Array(1_000));
  // The relay's own turn comes at 13 s, while the device brings; then the device goes.
  await clock.advanceTo(14_000);
  session = null;
  incoming.sessionLost(origin.device);
  expect(asked()).toBe(1);
  await clock.advanceTo(12_000 + defaultTiming.graceMs + 100);
  expect(asked()).toBe(2);
  incoming.stop();
});
