/** What a year costs, in dollars, by what is paid for. Wages, offices and the people’s own machines are not in it. */
import type { Bandwidth } from './bandwidth.ts';
import type { Bus } from './bus.ts';
import type { Database } from './database.ts';
import type { Inputs } from './inputs.ts';
import type { Relays } from './relays.ts';
import type { Storage } from './storage.ts';
import type { Traffic } from './traffic.ts';

export interface Bill {
  readonly relays: number;
  readonly bus: number;
  readonly database: number;
  readonly coldHistory: number;
  readonly mediaStored: number;
  readonly mediaEgress: number;
  readonly otherEgress: number;
  readonly inside: number;
  readonly balancers: number;
  readonly total: number;
}

const monthsPerYear = 12;
const daysPerYear = 365;
const gigabyte = 1e9;
/** Memory that comes with a core in its price. */
const gibPerCore = 4;
const balancerCores = 8;

export interface Parts {
  readonly traffic: Traffic;
  readonly relays: Relays;
  readonly bus: Bus;
  readonly database: Database;
  readonly bandwidth: Bandwidth;
  readonly storage: Storage;
  readonly balancers: number;
}

/** The year at whose end `storage` stands. What is stored is paid as if it lay there all year. */
export function billOf({ given }: Inputs, parts: Parts): Bill {
  const machine = (cores: number, gib: number): number =>
    monthsPerYear * (cores * given.corePerMonth + Math.max(0, gib - cores * gibPerCore) * given.memoryPerMonth);
  const stored = (bytes: number): number => (bytes / gigabyte) * given.objectPerMonth * monthsPerYear;
  const written = (objects: number): number => (objects / 1e6) * given.objectWrites;
  const { traffic, relays, bus, database, bandwidth, storage, balancers } = parts;
  const disks = database.servers * given.dbDiskTb * 1e3 * given.nvmePerMonth * monthsPerYear;
  const segmentsPerYear = (traffic.entriesPerDay * daysPerYear) / given.segmentEntries;
  const filesPerYear = storage.mediaObjects / Math.min(storage.year, given.mediaKeepYears);
  const fetched = ((bandwidth.mediaOutPerDay * daysPerYear) / given.mediaBytes / 1e6) * given.objectReads;
  const out = (bytesPerDay: number): number => ((bytesPerDay * daysPerYear) / gigabyte) * given.egress;
  const items = {
    relays: machine(relays.count, relays.memoryGib),
    bus: machine(bus.servers * given.natsCores, bus.servers * given.natsMemoryGib),
    database: machine(database.servers * given.dbCores, 0) + disks,
    coldHistory: stored(storage.coldBytes) + written(segmentsPerYear),
    mediaStored: stored(storage.mediaBytes) + written(filesPerYear) + fetched,
    mediaEgress: out(bandwidth.mediaOutPerDay),
    otherEgress: out(bandwidth.outPerDay - bandwidth.mediaOutPerDay),
    inside: ((bandwidth.insidePerDay * daysPerYear) / gigabyte) * given.betweenDomains,
    balancers: machine(balancers * balancerCores, 0),
  };
  return { ...items, total: Object.values(items).reduce((sum, item) => sum + item, 0) };
}
