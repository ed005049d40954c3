/** Where the people of a benchmark connect to, and from where. */

/** Of one relay, or of the nodes of a fleet. */
export type Addresses = readonly [string, ...string[]];

/** Neighbours write to one another, and are on different nodes. */
export function addressFor(addresses: Addresses, person: number): string {
  return addresses[person % addresses.length] ?? addresses[0];
}

const peoplePerSource = 20_000;

/** One of this machine's own addresses. */
export function sourceFor(person: number): string {
  return `127.0.0.${1 + Math.floor(person / peoplePerSource)}`;
}
