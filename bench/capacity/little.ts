/** Checks by Little's law (what is inside = what comes in a second × how long it stays), which no queue escapes. */
import type { Capacity } from './model.ts';

export interface LittleCheck {
  readonly what: string;
  /** Arrivals a second and the seconds that each stays. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly inside: number;
  /** How many there is room for. */
  readonly room: number;
}

/** A frame from the first byte in to the last byte out, commit included. */
const deliverySeconds = 0.012;
const handshakeSeconds = 0.15;

export function littleChecks({ inputs, traffic, relays, database }: Capacity): LittleCheck[] {
  const { cost, given } = inputs;
  const commitSeconds = cost.dbCommitMs / 1e3;
  const survivors = (relays.count * (given.failureDomains - 1)) / given.failureDomains;
  const stormPerRelay = traffic.connections / given.failureDomains / given.stormSeconds / survivors;
  const check = (what: string, perSecond: number, seconds: number, room: number): LittleCheck => ({
    what,
    perSecond,
    seconds,
    inside: perSecond * seconds,
    room,
  });
  return [
    check('messages on their way through one relay', traffic.entries / relays.count, deliverySeconds, 10_000),
    check(
      'commits in flight at one database server',
      relays.groups.perSecond / database.shards,
      commitSeconds,
      given.dbConnections,
    ),
    check('busy cores of one database server', database.cores / database.shards, 1, given.dbCores),
    check('handshakes under way at one relay in a storm', stormPerRelay, handshakeSeconds, 4_096),
    check('busy core of one relay in a storm', stormPerRelay, cost.relayHandshakeMicros / 1e6, 1 - relays.use),
  ];
}
