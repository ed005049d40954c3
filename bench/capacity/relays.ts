/** How many relays: by CPU, by connections, and by how fast those of a lost domain are to be taken in. */
import { groupsOf } from './groups.ts';
import type { Inputs } from './inputs.ts';
import type { Traffic } from './traffic.ts';

export interface CpuShare {
  readonly what: string;
  /** Cores in use in the busiest second. */
  readonly cores: number;
}

export interface Relays {
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

export function cpuShares(inputs: Inputs, traffic: Traffic): CpuShare[] {
  const { cost } = inputs;
  const told = cost.relayHearMicros + cost.relayWriteMicros;
  const micros: readonly (readonly [string, number])[] = [
    ['accept', traffic.entries * cost.relayAcceptMicros],
    ['groups to the database', groupsOf(inputs, traffic).perSecond * cost.relayGroupMicros],
    ['publish', traffic.entries * traffic.membersPerEntry * cost.relayPublishMicros],
    ['deliver', traffic.deliveries * told],
    ['cursors', traffic.cursorMoves * cost.relayCursorMicros + traffic.cursorNotes * cost.relayPublishMicros],
    ['cursors told', traffic.cursorDeliveries * told],
    ['heartbeats', traffic.pings * cost.relayPingMicros],
    ['reconnects', traffic.reconnects * cost.relayHandshakeMicros],
    ['presence', traffic.presenceChanges * cost.relayPublishMicros + traffic.presenceTold * told],
    ['presence asked', traffic.presenceAsks * cost.relayAskMicros],
  ];
  return micros.map(([what, spent]) => ({ what, cores: spent / 1e6 }));
}

export function relaysOf(inputs: Inputs, traffic: Traffic): Relays {
  const { cost, given } = inputs;
  const cpu = cpuShares(inputs, traffic);
  const cores = cpu.reduce((sum, share) => sum + share.cores, 0);
  /** What is there, over what is left when one domain is gone. */
  const spare = given.failureDomains / (given.failureDomains - 1);
  const byCpu = Math.ceil((cores / given.busiest) * spare);
  const byConnections = Math.ceil((traffic.connections / given.relayConnections) * spare);
  const lost = traffic.connections / given.failureDomains;
  const storm = (lost * cost.relayHandshakeMicros) / 1e6 / given.stormSeconds;
  const byStorm = Math.ceil(((cores + storm) / given.busiest) * spare);
  const count = Math.max(given.failureDomains, byCpu, byConnections, byStorm);
  const memoryGib = count * relayBaseGib + (traffic.connections * spare * cost.relayConnectionKib) / 2 ** 20;
  return { cpu, cores, byCpu, byConnections, byStorm, count, memoryGib, use: cores / count };
}
