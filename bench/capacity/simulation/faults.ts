/** Lets the faults of a scenario happen. */
import type { Crowd } from './crowd.ts';
import type { Messages } from './messages.ts';
import { exponential } from './random.ts';
import type { Relay } from './relay.ts';
import type { Fault } from './scenario.ts';
import { noticedAfter } from './silence.ts';
import type { Region, World } from './world.ts';

export interface FaultParts {
  readonly world: World;
  readonly messages: Messages;
  /** One a region: devices whose home it is. */
  readonly crowds: readonly Crowd[];
}

type Handlers = { [K in Fault['kind']]: (parts: FaultParts, fault: Extract<Fault, { kind: K }>) => void };

const handlers: Handlers = {
  region({ world, messages, crowds }, { region: index, failoverSeconds }) {
    const region = world.regions[index];
    const crowd = crowds[index];
    if (!region || !crowd) return;
    region.isLost = true;
    for (const relay of region.relays) lose(relay, messages);
    for (const shard of region.shards) {
      shard.isAway = true;
      world.events.after(failoverSeconds, () => (shard.isAway = false));
    }
    scatter(region, crowd, () => noticedAfter(world.random, world.settings.saidPerDevice));
  },
  cut({ world, messages, crowds }) {
    for (const region of world.regions) {
      for (const relay of region.relays) {
        messages.abandon(relay);
        relay.devices = 0;
      }
      const crowd = crowds[region.index];
      if (crowd) scatter(region, crowd, () => 0);
    }
  },
  shard({ world }, { shard: index, seconds }) {
    const shard = world.shards[index];
    if (!shard) return;
    shard.isAway = true;
    world.events.after(seconds, () => (shard.isAway = false));
  },
  group({ world, messages }, { seconds, members, perSecond }) {
    const { events, random, regions } = world;
    const end = events.now() + seconds;
    const next = (): void => {
      if (events.now() > end) return;
      const region = regions[Math.floor(random() * regions.length)];
      if (region) messages.type(region, { members, shard: 0, place: 0, isHot: true });
      events.after(exponential(random, 1 / perSecond), next);
    };
    next();
  },
};

function lose(relay: Relay, messages: Messages): void {
  relay.isLost = true;
  relay.devices = 0;
  messages.abandon(relay);
}

/** All devices of the region have lost their connection. @param notice seconds until one sees it. */
function scatter(region: Region, crowd: Crowd, notice: () => number): void {
  const devices = Math.round(region.devices);
  region.out = devices;
  for (let device = 0; device < devices; device++) crowd.comeBack(notice());
}

export function strike<K extends Fault['kind']>(parts: FaultParts, fault: Extract<Fault, { kind: K }>): void {
  handlers[fault.kind as K](parts, fault);
}
