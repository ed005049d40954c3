/** The whole model: from inputs to a fleet, its storage, its bandwidth and its bill. A pure function. */
import { bandwidthOf } from './bandwidth.ts';
import { billOf, type Bill, type Parts } from './bill.ts';
import { busOf } from './bus.ts';
import { databaseOf } from './database.ts';
import type { Inputs } from './inputs.ts';
import { relaysOf } from './relays.ts';
import { storageAfter } from './storage.ts';
import { trafficOf, type Traffic } from './traffic.ts';

export interface Capacity extends Parts {
  readonly inputs: Inputs;
  /** Of the last year that is kept. */
  readonly bill: Bill;
}

/** TLS ends here; one domain may be gone. */
function balancersOf({ given }: Inputs, { connections }: Traffic): number {
  const spare = given.failureDomains / (given.failureDomains - 1);
  return Math.max(2, Math.ceil((connections / given.balancerConnections) * spare));
}

/** @param year whose bill is asked for; by default that in which the storage is full. */
export function capacityOf(inputs: Inputs, year = Math.ceil(inputs.given.keepYears)): Capacity {
  const traffic = trafficOf(inputs);
  const relays = relaysOf(inputs, traffic);
  const parts: Parts = {
    traffic,
    relays,
    bus: busOf(inputs, traffic),
    database: databaseOf(inputs, traffic, relays.groups),
    bandwidth: bandwidthOf(inputs, traffic),
    storage: storageAfter(inputs, traffic, year),
    balancers: balancersOf(inputs, traffic),
  };
  return { ...parts, inputs, bill: billOf(inputs, parts) };
}
