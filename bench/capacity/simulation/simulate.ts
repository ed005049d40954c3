/** Plays a scenario. The same settings, scenario and seed give the same run, to the last message. */
import { createCrowd, type Crowd } from './crowd.ts';
import { diurnal } from './diurnal.ts';
import { strike } from './faults.ts';
import { createMedia } from './media.ts';
import { createMessages } from './messages.ts';
import { exponential } from './random.ts';
import type { Queues, Stretch } from './recorder.ts';
import type { Relay } from './relay.ts';
import type { Scenario } from './scenario.ts';
import type { FleetSettings } from './settings.ts';
import { createWorld, missing, pickRelay, type Region, type World } from './world.ts';

export interface Run {
  readonly scenario: Scenario;
  readonly stretches: readonly Stretch[];
  readonly typed: number;
  readonly delivered: number;
  /** Of messages and of copies: zero, or something was lost. */
  readonly missing: { readonly messages: number; readonly copies: number };
  /** Tries to connect, over devices that had to. */
  readonly tries: number;
  /** CPU in use, of all relays together, over the whole run. */
  readonly relayUse: number;
}

const warmUpSeconds = 5;
const hourSeconds = 3_600;
/** Local time of the first region's evening; the others are further west. */
const peakHour = 20;
const hoursBetweenRegions = 2;
const tickSeconds = 0.01;
const lookSeconds = 0.25;

export function simulate(settings: FleetSettings, scenario: Scenario, seed: number): Run {
  const messages = createMessages(() => world);
  const world: World = createWorld(settings, scenario.lanes, seed, messages.settle);
  const { events, random, regions, relays, recorder, ledger } = world;
  const media = createMedia(world);
  const crowds = regions.map(createCrowdOf);
  const shardCount = world.shards.length;

  function createCrowdOf(region: Region): Crowd {
    return createCrowd({
      events,
      random,
      handshakeSeconds: settings.seconds.handshake,
      admission: scenario.admission,
      pick: () => pickRelay(world, region.index),
      onWelcome: (relay) => {
        region.out--;
        relay.devices++;
        messages.catchUp(region, relay);
      },
    });
  }

  function loadOf(region: Region): number {
    const hours = (Math.max(0, events.now() - warmUpSeconds) * scenario.pace) / hourSeconds;
    const local = scenario.pace === 0 ? peakHour : hours - region.index * hoursBetweenRegions;
    return diurnal(local, peakHour, settings.peakFactor);
  }

  function typeOn(region: Region): void {
    const rate = settings.meanEntriesPerRegion * loadOf(region);
    events.after(exponential(random, 1 / rate), () => {
      const place = random();
      const shard = Math.floor(place * shardCount);
      messages.type(region, { members: drawMembers(), shard, place, isHot: false });
      if (random() < settings.media.share) media.send(region);
      typeOn(region);
    });
  }

  function drawMembers(): number {
    let left = random();
    for (const { share, members } of settings.classes) if ((left -= share) < 0) return members;
    return settings.classes[0]?.members ?? 2;
  }

  /** Devices come and go with the hour; in the busiest moment that stands still, nobody does. */
  function populate(region: Region): void {
    const present = 0.35 + 0.65 * (loadOf(region) / settings.peakFactor);
    region.devices = settings.devicesPerRegion * settings.connectedShare * present;
    for (const relay of region.relays) relay.devices = region.devices / region.relays.length;
  }

  function tick(): void {
    for (const { isLost, devices, cpu } of relays) {
      if (!isLost) cpu.serve(devices * settings.seconds.background * tickSeconds);
    }
    events.after(tickSeconds, tick);
  }

  function pauseNow(relay: Relay): void {
    events.after(exponential(random, settings.seconds.betweenPauses), () => {
      relay.cpu.serve(settings.seconds.pause);
      pauseNow(relay);
    });
  }

  function look(): void {
    if (scenario.pace > 0) regions.forEach(populate);
    recorder.see(queuesOf(world, crowds));
    events.after(lookSeconds, look);
  }

  regions.forEach(populate);
  regions.forEach(typeOn);
  relays.forEach(pauseNow);
  tick();
  look();
  events.runUntil(warmUpSeconds);
  recorder.close(0);
  for (const fault of scenario.faults) events.after(fault.at, () => strike({ world, messages, crowds }, fault));
  for (let time = scenario.stretchSeconds; time <= scenario.seconds; time += scenario.stretchSeconds) {
    events.runUntil(warmUpSeconds + time);
    recorder.close(time);
  }
  const busy = relays.reduce((sum, { cpu }) => sum + cpu.busySeconds, 0);
  return {
    scenario,
    stretches: recorder.stretches.slice(1),
    typed: ledger.typed,
    delivered: ledger.delivered,
    missing: missing(world),
    tries: crowds.reduce((sum, { tries }) => sum + tries, 0),
    relayUse: busy / (relays.length * (warmUpSeconds + scenario.seconds)),
  };
}

function queuesOf({ relays, regions, ledger }: World, crowds: readonly Crowd[]): Queues {
  const waiting = relays.flatMap(({ writers }) => writers.map((writer) => writer.waiting));
  return {
    relayJobs: Math.max(...relays.map(({ cpu }) => cpu.inside)),
    relaySeconds: Math.max(...relays.map(({ cpu }) => cpu.backlog())),
    groupWaiting: Math.max(...waiting),
    outboxes: ledger.refused + regions.reduce((sum, { outbox }) => sum + outbox.length, 0),
    devicesOut: crowds.reduce((sum, { out }) => sum + out, 0),
  };
}
