/** How many relays: by CPU, by connections, and by how fast those of a lost domain are to be taken in. */
import { groupsOf, type Groups } from './groups.ts';
import type { Inputs } from './inputs.ts';
import type { Traffic } from './traffic.ts';

export interface CpuShare {
  readonly what: string;
  /** Cores in use in the busiest second. */
  readonly cores: number;
}

export interface Relays {
  readonly groups: Groups;
  readonly cpu: readonly CpuShare[];
  readonly cores: number;
  /** Relays that each bound asks for, with one domain lost. */
  readonly byCpu: number;
  readonly byConnections: number;
  readonly byStorm: number;
  /** The greatest of them: processes of one core. */
  readonly count: number;
  readonly memoryGib: number;
  /** CPU in use at the peak with all domains there. */
  readonly use: number;
}

/** Memory of a relay with no connection. */
export const relayBaseGib = 0.15;

export function cpuShares({ cost }: Inputs, traffic: Traffic, groups: Groups): CpuShare[] {
  const told = cost.relayHearMicros + cost.relayWriteMicros;
  const micros: readonly (readonly [string, number])[] = [
    ['accept', traffic.entries * cost.relayAcceptMicros],
    ['groups to the database', groups.perSecond * cost.relayGroupMicros],
    ['publish', traffic.entries * traffic.membersPerEntry * cost.relayPublishMicros],
    ['deliver', traffic.deliveries * told],
    ['cursors', traffic.cursorMoves * cost.relayCursorMicros + traffic.cursorNotes * cost.relayPublishMicros],
    ['cursors told', traffic.cursorDeliveries * told],
    ['heartbeats', traffic.pings * cost.relayPingMicros],
    ['signs of life asked for', traffic.asks * cost.relayPingMicros],
    ['reconnects', traffic.reconnects * cost.relayHandshakeMicros],
    ['presence', traffic.presenceChanges * cost.relayPublishMicros + traffic.presenceTold * told],
    ['presence asked', traffic.presenceAsks * cost.relayAskMicros],
  ];
  return micros.map(([what, spent]) => ({ what, cores: spent / 1e6 }));
}

/** Until the number stands still to many digits. */
const rounds = 50;

/** More relays have smaller groups, which cost more, which asks for more relays: the number at which that settles. */
export function relaysOf(inputs: Inputs, traffic: Traffic): Relays {
  let found = relaysAmong(inputs, traffic, inputs.given.failureDomains);
  for (let round = 0; round < rounds; round++) found = relaysAmong(inputs, traffic, found.unrounded);
  return found.relays;
}

/** What is asked for if messages are spread over so many. */
function relaysAmong(inputs: Inputs, traffic: Traffic, among: number): { relays: Relays; unrounded: number } {
  const { cost, given } = inputs;
  const groups = groupsOf(inputs, traffic, among);
  const cpu = cpuShares(inputs, traffic, groups);
  const cores = cpu.reduce((sum, share) => sum + share.cores, 0);
  /** What is there, over what is left when one domain is gone. */
  const spare = given.failureDomains / (given.failureDomains - 1);
  const byCpu = (cores / given.busiest) * spare;
  const byConnections = (traffic.connections / given.relayConnections) * spare;
  const lost = traffic.connections / given.failureDomains;
  const storm = (lost * cost.relayHandshakeMicros) / 1e6 / given.stormSeconds;
  const byStorm = ((cores + storm) / given.busiest) * spare;
  const unrounded = Math.max(given.failureDomains, byCpu, byConnections, byStorm);
  const count = Math.ceil(unrounded);
  const relays: Relays = {
    groups,
    cpu,
    cores,
    byCpu: Math.ceil(byCpu),
    byConnections: Math.ceil(byConnections),
    byStorm: Math.ceil(byStorm),
    count,
    memoryGib: count * relayBaseGib + (traffic.connections * spare * cost.relayConnectionKib) / 2 ** 20,
    use: cores / count,
  };
  return { relays, unrounded };
}
