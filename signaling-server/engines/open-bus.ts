/** Opens the bus that the settings name: within this process, or NATS, which may come and go. */
import { createMemoryBus } from '../adapters/memory/memory-bus.ts';
import type { Config } from '../config/settings-table.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { RelayMetrics } from '../ports/metrics.ts';
import type { RelayId } from '../../protocol/index.ts';

export interface BusParts {
  readonly config: Pick<Config, 'bus' | 'natsCreds' | 'natsCa'>;
  /** Relays that share NATS servers do not hear each other, since each has its own. */
  readonly relayId: RelayId;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RelayMetrics;
}

export async function openBus({ config, relayId, clock, log, metrics }: BusParts): Promise<Bus> {
  if (config.bus.length === 0) return createMemoryBus((error) => log.error('bus.listener_failed', { error }));
  const { openNatsBus } = await import('../adapters/nats/nats-bus.ts');
  const { busPrefix } = await import('../adapters/nats/subject-names.ts');
  return openNatsBus({
    servers: config.bus.join(','),
    prefix: busPrefix(relayId),
    credentialsFile: config.natsCreds ?? undefined,
    caFile: config.natsCa ?? undefined,
    clock,
    log,
    metrics,
  });
}
