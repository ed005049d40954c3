/** The bus of a relay of many nodes: NATS carries notes between them, and knows who is subscribed. */
import type { Bus, Subject } from '../../ports/bus.ts';
import type { RelayMetrics } from '../../ports/metrics.ts';
import { showBus } from './bus-gauges.ts';
import { assembleBus, type BusParts, type BusSettings } from './bus-parts.ts';

export interface NatsBusOptions extends BusSettings {
  readonly metrics: Pick<RelayMetrics, 'gauge'>;
}

/**
 * Opens whether or not NATS is there: what comes later is connected to then. Until it is, and whenever it is away, notes
 * reach this node's own subscribers alone.
 * @throws ParleyError `bad_request` when an address, the prefix or a file cannot be used.
 */
export async function openNatsBus(options: NatsBusOptions): Promise<Bus> {
  const parts = assembleBus(options);
  showBus(options.metrics, parts);
  await parts.link.start();
  return createBus(parts);
}

function createBus(parts: BusParts): Bus {
  const { link, local, interests, outgoing, asks, losses, names, timing } = parts;
  let closed = false;
  return {
    publish(subject, note) {
      if (closed) return;
      // First to the others: what a listener here publishes in turn comes after.
      outgoing.publish(names.nameOf(subject), note);
      local.publish(subject, note);
    },
    subscribe(subject, listener) {
      if (closed) return () => {};
      interests.add(subject);
      // Its end takes the interest along: a function of its own here would be one more for each of many thousand.
      return local.subscribe(subject, listener);
    },
    async subscribed(subjects) {
      const elsewhere = subjects.filter((subject) => !interests.has(subject));
      const found = new Set<Subject>(await asks.ask(elsewhere));
      for (const subject of subjects) if (interests.has(subject)) found.add(subject);
      return found;
    },
    get connected() {
      return link.up;
    },
    onLoss: losses.onLoss,
    ping: () => link.roundTrip(timing.pingMs),
    async close() {
      if (closed) return;
      closed = true;
      await leave(parts);
    },
  };
}

async function leave({ link, local, losses, signs, timing }: BusParts): Promise<void> {
  signs.goodbye();
  await link.roundTrip(timing.pingMs).catch(() => {});
  await link.close();
  losses.close();
  await local.close();
}
