/** What goes over the wire between people and the service. Bytes a second at the peak; for a day, bytes. */
import type { Inputs } from './inputs.ts';
import { relayedMediaPerDay } from './storage.ts';
import { secondsPerDay, type Traffic } from './traffic.ts';

export interface Flow {
  readonly what: string;
  readonly in: number;
  readonly out: number;
}

export interface Bandwidth {
  /** Bytes a second at the peak. */
  readonly flows: readonly Flow[];
  readonly peakIn: number;
  readonly peakOut: number;
  /** Bytes. */
  readonly outPerDay: number;
  readonly mediaOutPerDay: number;
  /** What crosses zones or regions inside: copies in the database and notes on the bus. */
  readonly insidePerDay: number;
}

/** Other devices of an average conversation that fetch a file, connected now or later. */
export function fetchesPerFile(traffic: Traffic, { given }: Inputs): number {
  return (traffic.membersPerEntry * given.devicesPerUser - 1) * given.fetchShare;
}

export function bandwidthOf(inputs: Inputs, traffic: Traffic): Bandwidth {
  const { users, cost, given } = inputs;
  const entryBytes = traffic.payloadBytes + cost.wireFrameBytes;
  const small = cost.wireSmallFrameBytes;
  const relayed = relayedMediaPerDay(inputs);
  const direct = users * given.messagesPerUserPerDay * given.mediaShare * given.mediaBytes * given.directShare;
  const fetches = fetchesPerFile(traffic, inputs);
  const turned = direct * given.turnShare * fetches;
  const peak = given.peakFactor / secondsPerDay;
  const words = (traffic.pings + traffic.asks) * cost.wirePingBytes;
  const looks = traffic.looks * cost.wireLookBytes;
  const flows: Flow[] = [
    {
      what: 'messages',
      in: traffic.entries * entryBytes,
      out: traffic.deliveries * entryBytes + traffic.entries * small,
    },
    { what: 'cursors', in: traffic.cursorMoves * small, out: traffic.cursorDeliveries * small },
    { what: 'heartbeats and signs of life', in: words, out: words },
    { what: 'looks of the systems at quiet links', in: looks, out: looks },
    {
      what: 'presence and reconnects',
      in: traffic.reconnects * (cost.wireHandshakeBytes / 3),
      out: (traffic.presenceTold + traffic.presenceAsks) * small + traffic.reconnects * cost.wireHandshakeBytes,
    },
    { what: 'files by the relay', in: relayed * peak, out: relayed * fetches * peak },
    { what: 'files by TURN', in: turned * peak, out: turned * peak },
  ];
  const sum = (of: (flow: Flow) => number): number => flows.reduce((total, flow) => total + of(flow), 0);
  const peakOut = sum((flow) => flow.out);
  const standing = traffic.pings * cost.wirePingBytes + looks;
  // Heartbeats and looks follow the connections, which halve at night where messages all but stop.
  const outPerDay = (peakOut - standing) / peak + standing * secondsPerDay * 0.7;
  const stored = traffic.entriesPerDay * (traffic.payloadBytes + cost.dbRowBytes) * cost.dbWalFactor;
  const heard = (traffic.deliveries / traffic.entries) * traffic.entriesPerDay * entryBytes;
  return {
    flows,
    peakIn: sum((flow) => flow.in),
    peakOut,
    outPerDay,
    mediaOutPerDay: relayed * fetches + turned,
    insidePerDay: stored * (given.replicas - 1) + heard * (1 - 1 / given.failureDomains),
  };
}
