/** What every act of the relay works with. */
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { RelayMetrics } from '../ports/metrics.ts';
import type { Store } from '../ports/store.ts';
import type { RelaySettings } from './settings.ts';

export interface RelayParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  /** For how long something lasts: the clock may be set meanwhile, this only goes on. */
  readonly uptime: Clock;
  readonly log: Log;
  readonly metrics: RelayMetrics;
  readonly settings: RelaySettings;
}
