/** How many NATS servers: by messages, and by the memory that interest takes. */
import type { Inputs } from './inputs.ts';
import type { Traffic } from './traffic.ts';

/** A cluster of three: each server has the interest of all, so more servers do not make room for more subjects. */
export const serversPerCluster = 3;

export interface Bus {
  /** Messages a second that relays publish, and that relays are handed. */
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly cores: number;
  /** Of every server of a cluster that has all subjects. */
  readonly interestGib: number;
  readonly byCpu: number;
  readonly byInterest: number;
  /** Clusters between which subjects have to be divided. */
  readonly clusters: number;
  readonly servers: number;
}

export function busOf({ cost, given }: Inputs, traffic: Traffic): Bus {
  const published = traffic.entries * traffic.membersPerEntry + traffic.cursorNotes + traffic.presenceChanges;
  const heard = traffic.deliveries + traffic.cursorDeliveries + traffic.presenceTold;
  const messagesIn = published + traffic.presenceAsks * 2;
  const messagesOut = heard + traffic.presenceAsks * 2;
  /** Of what is handed out, so much came in at another server of the cluster and crossed a route. */
  const routed = messagesOut * ((serversPerCluster - 1) / serversPerCluster);
  const made = traffic.reconnects * 2 + traffic.presenceAsks;
  const micros =
    (messagesIn + routed) * cost.natsInMicros +
    (messagesOut + routed) * cost.natsOutMicros +
    made * serversPerCluster * cost.natsSubscribeMicros;
  const cores = micros / 1e6;
  const interestGib = (traffic.subscriptions * cost.natsInterestBytes) / 2 ** 30;
  const usable = (given.busiest * (serversPerCluster - 1)) / serversPerCluster;
  const byCpu = Math.ceil(cores / (serversPerCluster * given.natsCores * usable));
  const byInterest = Math.ceil(interestGib / (given.natsMemoryGib * 0.5));
  const clusters = Math.max(1, byCpu, byInterest);
  const servers = clusters * serversPerCluster;
  return { messagesIn, messagesOut, cores, interestGib, byCpu, byInterest, clusters, servers };
}
