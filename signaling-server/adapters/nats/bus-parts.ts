/** The parts of one node's bus on NATS, put together. */
import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { ParleyError } from '../../../protocol/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { createMemoryBus } from '../memory/memory-bus.ts';
import { Asks } from './asks.ts';
import { parseBusAddress } from './bus-address.ts';
import { busTiming, type BusTiming } from './bus-timing.ts';
import { createIncoming } from './incoming.ts';
import { Interests } from './interests.ts';
import type { LeanSubscription } from './lean-subscription.ts';
import { Link } from './link.ts';
import { createLosses } from './losses.ts';
import { createOutgoing } from './outgoing.ts';
import { SignsOfLife } from './signs-of-life.ts';
import { createSubjectNames } from './subject-names.ts';

export interface BusSettings {
  /** `nats://host:4222,…` or `tls://…`, with user and password or token where there are any. */
  readonly servers: string;
  /** What all subjects begin with, so that several relays can share the servers: see `busPrefix`. */
  readonly prefix: string;
  /** Of a user with signed credentials (JWT and key), as `nsc` writes it. */
  readonly credentialsFile?: string | undefined;
  /** Of the authority that signed the servers' certificates, if the system does not know it. */
  readonly caFile?: string | undefined;
  readonly log: Log;
  readonly clock: Clock;
  readonly timing?: Partial<BusTiming> | undefined;
  readonly random?: (() => number) | undefined;
}

/** Of clocks that differ by more, it is not known by how much times are wrong; nobody is to look through years. */
const mostSkewMs = 300_000;

export type BusParts = ReturnType<typeof assembleBus>;

/** @throws ParleyError `bad_request` when an address, the prefix or a file cannot be used. */
export function assembleBus(settings: BusSettings) {
  const { log, clock, random = Math.random, prefix, credentialsFile, caFile } = settings;
  const address = parseBusAddress(settings.servers);
  const names = createSubjectNames(prefix);
  for (const file of [credentialsFile, caFile]) if (file) assertReadable(file);
  const timing = { ...busTiming, ...settings.timing };
  const node = randomUUID();
  const elapsed = (): number => performance.now();
  const openedAt = elapsed();
  const local = createMemoryBus(
    (error) => log.error('bus.listener_failed', { error }),
    (subject) => interests.remove(subject),
  );

  const link: Link = new Link({
    ...{ timing, log, elapsed, random },
    dialOptions: { address, name: `parley relay ${node}`, credentialsFile, caFile },
    permission: `publish and subscribe to "${prefix}.>"`,
    *subscriptions(): Iterable<LeanSubscription> {
      yield asks.inbox;
      yield signs.subscription;
      yield* interests.all();
    },
    onUp(lastGood) {
      if (lastGood !== null || interests.size > 0) losses.add(lastGood ?? openedAt, 'NATS was away');
      signs.up();
    },
    onDown() {
      signs.noteLost();
      asks.fail();
    },
    onServersLost: () => losses.add(elapsed() - timing.beatMs, 'servers of the cluster lost each other'),
  });
  const losses = createLosses({
    ...{ clock, elapsed, log, settleMs: timing.settleMs },
    marginMs: () => timing.marginMs + Math.min(signs.skewMs, mostSkewMs),
  });
  const signs = new SignsOfLife({
    ...{ link, node, alive: names.alive, timing, clock, elapsed, log },
    onMissed: (since, why) => losses.add(since, why),
  });
  const asks = new Asks({ link, names, node, timing, elapsed });
  const outgoing = createOutgoing({ link, log, elapsed, onLost: () => signs.noteLost() });
  const incoming = createIncoming(asks, local);
  const interests = new Interests({ link, names, heard: incoming.heard });
  return { link, local, interests, incoming, outgoing, asks, losses, signs, names, timing };
}

function assertReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    const message = `The bus needs the file ${file}, which cannot be read. Check that it is there and that the relay may.`;
    throw new ParleyError('bad_request', { message, cause });
  }
}
