/** A relay of the simulation: one core, and the devices that are connected to it. */
import type { Entry, Writer } from './shard.ts';
import type { Station } from './station.ts';

export interface Relay {
  readonly region: number;
  readonly cpu: Station;
  /** One for all shards, or one a shard. */
  readonly writers: Writer[];
  devices: number;
  isLost: boolean;
  /** Messages that came in and are neither confirmed nor refused; they go back to their outboxes if it dies. */
  readonly underway: Set<Entry>;
}
