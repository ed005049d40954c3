/** The simulated service: regions with relays, shards, lines, and what is on its way between them. */
import { createDividingWriter } from './dividing-writer.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import { createRandom } from './random.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { Relay } from './relay.ts';
import type { FleetSettings } from './settings.ts';
import type { Lanes } from './scenario.ts';
import { commitAcross, createShard, createWriter, type Entry, type Shard, type Writer } from './shard.ts';
import { createStation, type Station } from './station.ts';
import { createWaitingLine, type WaitingLine } from './waiting-line.ts';

export interface Region {
  readonly index: number;
  readonly relays: readonly Relay[];
  readonly shards: readonly Shard[];
  /** The way to the object storage. */
  readonly line: Station;
  isLost: boolean;
  /** Devices that would be connected now if all were well. */
  devices: number;
  /** Those of them that are not. */
  out: number;
  /** Messages of its people that wait for a connection. */
  readonly outbox: WaitingLine<Entry>;
  /** When messages were typed that its devices have not got for want of a connection. */
  readonly owed: WaitingLine<number>;
}

export interface World {
  readonly settings: FleetSettings;
  readonly events: EventQueue;
  readonly random: () => number;
  readonly recorder: Recorder;
  readonly regions: readonly Region[];
  readonly shards: readonly Shard[];
  readonly relays: readonly Relay[];
  /** What became of everything that was typed; nothing may be missing from it. */
  readonly ledger: Ledger;
}

export interface Ledger {
  typed: number;
  stored: number;
  /** Waiting after a refusal, until their next try. */
  refused: number;
  /** Copies for devices: made, handed over, on their way. */
  copies: number;
  delivered: number;
  travelling: number;
}

/** What happens when a group of a relay is stored or refused. */
export type Settle = (relay: Relay, group: readonly Entry[], stored: boolean) => void;

/** Groups of a writer that are under way at once, and messages in one (signaling-server/relay/commits.ts). */
const limits = { inFlight: 1, largestGroup: 1_000 };

export function createWorld(settings: FleetSettings, lanes: Lanes, seed: number, settle: Settle): World {
  const events = createEventQueue();
  const random = createRandom(seed);
  const shards = Array.from({ length: settings.regions * settings.shardsPerRegion }, () =>
    createShard(events, random, settings),
  );
  const regions = Array.from({ length: settings.regions }, (_, index) => createRegion(index));

  function createRegion(index: number): Region {
    const first = index * settings.shardsPerRegion;
    return {
      index,
      relays: Array.from({ length: settings.relaysPerRegion }, () => createRelay(index)),
      shards: shards.slice(first, first + settings.shardsPerRegion),
      line: createStation(events, 1),
      isLost: false,
      devices: 0,
      out: 0,
      outbox: createWaitingLine(),
      owed: createWaitingLine(),
    };
  }

  function createRelay(region: number): Relay {
    const writers: Writer[] = [];
    const cpu = createStation(events, 1);
    const relay: Relay = { region, cpu, writers, devices: 0, isLost: false, underway: new Set() };
    const across = commitAcross(shards);
    const settled = (group: readonly Entry[], stored: boolean): void => settle(relay, group, stored);
    if (lanes === 'dividing') {
      writers.push(
        createDividingWriter({ events, commit: across, largestGroup: limits.largestGroup, settle: settled }),
      );
      return relay;
    }
    const commits = lanes === 'one' ? [across] : shards.map(({ commit }) => commit);
    for (const commit of commits) writers.push(createWriter(commit, limits, settled));
    return relay;
  }

  return {
    settings,
    events,
    random,
    recorder: createRecorder(),
    regions,
    shards,
    relays: regions.flatMap(({ relays }) => relays),
    ledger: { typed: 0, stored: 0, refused: 0, copies: 0, delivered: 0, travelling: 0 },
  };
}

/** The relay that a balancer gives a device of that region: one of its own, or anywhere when its region is lost. */
export function pickRelay({ regions, random }: World, home: number): Relay | null {
  const own = regions[home];
  const choice =
    own && !own.isLost ? own.relays : regions.filter((each) => !each.isLost).flatMap(({ relays }) => relays);
  const alive = choice.filter(({ isLost }) => !isLost);
  return alive[Math.floor(random() * alive.length)] ?? null;
}

/** What is unaccounted for: zero, or the simulation loses messages. */
export function missing({ ledger, regions, relays }: World): { messages: number; copies: number } {
  const waiting = regions.reduce((sum, { outbox }) => sum + outbox.length, 0);
  const underway = relays.reduce((sum, relay) => sum + relay.underway.size, 0);
  const owed = regions.reduce((sum, region) => sum + region.owed.length, 0);
  return {
    messages: ledger.typed - ledger.stored - ledger.refused - waiting - underway,
    copies: ledger.copies - ledger.delivered - ledger.travelling - owed,
  };
}
