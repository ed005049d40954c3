/** What `/metrics` shows of the bus. */
import type { RelayMetrics } from '../../ports/metrics.ts';
import type { BusParts } from './bus-parts.ts';

type Shown = Pick<BusParts, 'link' | 'signs' | 'interests' | 'outgoing' | 'incoming' | 'losses'>;

export function showBus({ gauge }: Pick<RelayMetrics, 'gauge'>, parts: Shown): void {
  const { link, signs, interests, outgoing, incoming, losses } = parts;
  gauge('nodes', 'Relay nodes alive, as far as this one hears.', () => signs.nodes);
  gauge('node_clock_skew_seconds', 'Greatest difference of clocks to another node.', () => signs.skewMs / 1_000);
  gauge('bus_connected', 'Whether NATS is connected (1) or away (0).', () => Number(link.up));
  gauge('bus_subscriptions', 'Subjects that this node listens to.', () => interests.size);
  gauge('bus_notes_sent', 'Notes given to NATS since the start.', () => outgoing.sent);
  gauge('bus_notes_dropped', 'Notes that could not be given to NATS since the start.', () => outgoing.dropped);
  gauge('bus_notes_received', 'Notes of other nodes since the start.', () => incoming.received);
  gauge('bus_notes_unreadable', 'What came since the start and is no note, or a newer one.', () => incoming.unreadable);
  gauge('bus_losses', 'Times since the start that notes may have been lost.', () => losses.told);
}
