/** What breaks first: for each wall, how much of it a fleet without any division would use. Above 1 it has to be divided. */
import { serversPerCluster } from './bus.ts';
import type { Capacity } from './model.ts';

export interface Wall {
  readonly what: string;
  /** Demand over what one of it bears. */
  readonly use: number;
}

const terabyte = 1e12;
const hour = 3_600;

/** Commits of one conversation follow one another, for they change one row. @returns messages a second. */
export function conversationCeiling(commitMs: number, groupSize: number): number {
  return (groupSize * 1_000) / commitMs;
}

/** Users at which the first of the walls is met that more machines of the same kind do not take down. */
export function largestFleet(capacity: Capacity): number {
  const inseparable = wallsOf(capacity).filter(({ what }) => cellWalls.has(what));
  return capacity.inputs.users / Math.max(...inseparable.map(({ use }) => use));
}

const cellWalls: ReadonlySet<string> = new Set(['interest in one NATS cluster', 'messages through one NATS cluster']);

export function wallsOf({ inputs, traffic, relays, bus, database, storage }: Capacity): Wall[] {
  const { given } = inputs;
  const { bytes } = database;
  const spare = given.failureDomains / (given.failureDomains - 1);
  return [
    {
      what: 'connections to one balancer',
      use: (traffic.connections * spare) / given.balancerConnections,
    },
    { what: 'connections to one relay', use: (traffic.connections * spare) / given.relayConnections },
    { what: 'CPU of one database server', use: database.cores / (given.dbCores * given.busiest) },
    { what: 'disk of one database server', use: bytes / (given.dbDiskTb * terabyte * given.dbDiskFill) },
    {
      what: 'restore of one database server in time',
      use: bytes / (given.restoreMbPerSecond * 1e6) / (given.restoreHours * hour),
    },
    {
      what: 'connections of all relays to one database server',
      use: (relays.count * given.dbPool) / given.dbConnections,
    },
    { what: 'interest in one NATS cluster', use: bus.interestGib / (given.natsMemoryGib * 0.5) },
    {
      what: 'messages through one NATS cluster',
      use:
        bus.cores /
        (serversPerCluster * given.natsCores * given.busiest * ((serversPerCluster - 1) / serversPerCluster)),
    },
    /** Listing, inventory and lifecycle rules of a bucket become work of days at about this many objects. */
    { what: 'objects in one bucket (10 G)', use: (storage.coldObjects + storage.mediaObjects) / 1e10 },
  ];
}
