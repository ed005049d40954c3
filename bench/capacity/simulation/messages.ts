/** The way of a message: typed, accepted, stored with others, told to relays, written to sockets. */
import { createBackoff, type Backoff } from '../../../main/engine/connection/backoff.ts';
import type { Relay } from './relay.ts';
import type { Entry } from './shard.ts';
import { pickRelay, type Region, type World } from './world.ts';

export interface Messages {
  /** Somebody of that region types a message into a conversation with so many members. */
  type(region: Region, conversation: { members: number; shard: number; place: number; isHot: boolean }): void;
  settle(relay: Relay, group: readonly Entry[], stored: boolean): void;
  /** A device of that region is connected again: it sends what waits, and is sent what it missed. */
  catchUp(region: Region, relay: Relay): void;
  /** What the relay had neither confirmed nor refused is in the outboxes still. */
  abandon(relay: Relay): void;
}

/** @param world given late, for it needs `settle` to be made. */
export function createMessages(world: () => World): Messages {
  /** How long senders of refused messages wait, as the client's sender does it. */
  const patience = new Map<Entry, Backoff>();

  function submit(entry: Entry): void {
    const { regions, random } = world();
    const region = regions[entry.region];
    const relay = region && random() * region.devices >= region.out ? pickRelay(world(), entry.region) : null;
    if (!relay) return void region?.outbox.push(entry);
    accept(relay, entry);
  }

  function accept(relay: Relay, entry: Entry): void {
    relay.underway.add(entry);
    relay.cpu.serve(world().settings.seconds.accept, () => {
      if (relay.underway.has(entry)) relay.writers[entry.shard % relay.writers.length]?.add(entry);
    });
  }

  function refuse(entry: Entry): void {
    const { ledger, events, random } = world();
    const backoff = patience.get(entry) ?? createBackoff(random);
    patience.set(entry, backoff);
    ledger.refused++;
    events.after(backoff.next() / 1_000, () => {
      ledger.refused--;
      submit(entry);
    });
  }

  function tell(relay: Relay, entry: Entry): void {
    const { settings, ledger } = world();
    ledger.stored++;
    patience.delete(entry);
    const targets = addressees(entry);
    relay.cpu.serve(entry.members * settings.seconds.publish, () => {
      for (const [target, copies] of targets) travel(relay, target, entry, copies);
    });
  }

  /** How many sockets of which relay are to have it. Copies for devices that are out are owed to them. */
  function addressees(entry: Entry): Map<Relay, number> {
    const { settings, regions, random, ledger } = world();
    const found = new Map<Relay, number>();
    const others = Math.round(entry.members * settings.devicesPerUser) - 1;
    for (let device = 0; device < others; device++) {
      const home = regions[homeOf(entry.region)];
      if (!home || random() * settings.devicesPerRegion >= home.devices) continue;
      ledger.copies++;
      const target = random() * home.devices < home.out ? null : pickRelay(world(), home.index);
      if (!target) home.owed.push(entry.typedAt);
      else {
        found.set(target, (found.get(target) ?? 0) + 1);
        ledger.travelling++;
      }
    }
    return found;
  }

  function homeOf(sender: number): number {
    const { settings, random } = world();
    if (random() < settings.localShare) return sender;
    return (sender + 1 + Math.floor(random() * (settings.regions - 1))) % settings.regions;
  }

  function travel(from: Relay, to: Relay, entry: Entry, copies: number): void {
    const { settings, events } = world();
    if (from === to) return write(to, entry, copies);
    events.after(from.region === to.region ? settings.seconds.hopNear : settings.seconds.hopFar, () =>
      write(to, entry, copies),
    );
  }

  function write(relay: Relay, entry: Entry, copies: number): void {
    relay.cpu.serve(copies * world().settings.seconds.deliver, () => {
      const { ledger, regions } = world();
      ledger.travelling -= copies;
      if (!relay.isLost) return handOver(entry.typedAt, copies, entry.isHot);
      for (let copy = 0; copy < copies; copy++) regions[relay.region]?.owed.push(entry.typedAt);
    });
  }

  function handOver(typedAt: number, copies: number, isHot = false): void {
    const { ledger, recorder, events } = world();
    ledger.delivered += copies;
    recorder.delivered(events.now() - typedAt, copies, isHot);
  }

  /** A fair share of what waits for all devices that are out, rounded by chance; the last one gets all. */
  function share(waiting: number, region: Region): number {
    const fair = waiting / (region.out + 1);
    return Math.floor(fair) + (world().random() < fair % 1 ? 1 : 0);
  }

  return {
    type(region, conversation) {
      const { events, ledger, recorder } = world();
      ledger.typed++;
      recorder.entered();
      submit({ typedAt: events.now(), region: region.index, ...conversation });
    },
    settle(relay, group, stored) {
      relay.cpu.serve(world().settings.seconds.relayGroup);
      for (const entry of group) {
        if (!relay.underway.delete(entry)) continue;
        if (stored) tell(relay, entry);
        else refuse(entry);
      }
    },
    catchUp(region, relay) {
      for (const entry of region.outbox.take(share(region.outbox.length, region))) accept(relay, entry);
      const missed = region.owed.take(share(region.owed.length, region));
      if (missed.length === 0) return;
      world().ledger.travelling += missed.length;
      relay.cpu.serve(missed.length * world().settings.seconds.deliver, () => {
        world().ledger.travelling -= missed.length;
        for (const typedAt of missed) handOver(typedAt, 1);
      });
    },
    abandon(relay) {
      const { regions } = world();
      for (const entry of relay.underway) regions[entry.region]?.outbox.push(entry);
      relay.underway.clear();
    },
  };
}
