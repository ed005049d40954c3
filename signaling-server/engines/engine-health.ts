/** Whether the engines that a relay stands on can serve, for `/readyz`, the metrics and the log. */
import { ParleyError } from '../../protocol/index.ts';
import type { Log } from '../ports/log.ts';
import type { RelayMetrics } from '../ports/metrics.ts';
import { within } from '../runtime/within.ts';

export interface Engine {
  readonly name: 'store' | 'bus' | 'blobs';
  /** For people. */
  readonly title: string;
  /** Without it nothing can be served; without another the relay serves less. */
  readonly isNeeded: boolean;
  ping(): Promise<void>;
}

export interface EngineHealth {
  /**
   * Asks all engines. @returns titles of those that are away and can be done without.
   * @throws ParleyError what a needed one says.
   */
  check(): Promise<string[]>;
  stop(): void;
}

interface HealthDeps {
  readonly log: Log;
  readonly metrics: Pick<RelayMetrics, 'gauge'>;
  /** How often engines are asked by themselves; null for never. */
  readonly everyMs: number | null;
}

const patienceMs = 2_000;

export function createEngineHealth(engines: readonly Engine[], { log, metrics, everyMs }: HealthDeps): EngineHealth {
  const faults = new Map<Engine, unknown>();
  let asking: Promise<void> | null = null;

  async function ask(engine: Engine): Promise<void> {
    const { name: part, title } = engine;
    try {
      await pingInTime(engine);
      if (faults.delete(engine)) log.info('engine.back', { part, engine: title });
    } catch (error) {
      if (!faults.has(engine)) log.warn('engine.away', { part, engine: title, error });
      faults.set(engine, error);
    }
  }

  const askAll = (): Promise<void> =>
    (asking ??= Promise.all(engines.map(ask)).then(() => {
      asking = null;
    }));

  for (const engine of engines) {
    const help = `1 while the ${engine.title} can serve, as of the last check.`;
    metrics.gauge(`parley_${engine.name}_up`, help, () => (faults.has(engine) ? 0 : 1));
  }
  const timer = everyMs === null ? undefined : setInterval(() => void askAll(), everyMs).unref();
  return {
    async check() {
      await askAll();
      for (const engine of engines) if (engine.isNeeded && faults.has(engine)) throw faults.get(engine);
      return engines.filter((engine) => faults.has(engine)).map(({ title }) => title);
    },
    stop: () => clearInterval(timer),
  };
}

/** An engine that hangs is as good as away. */
function pingInTime({ title, ping }: Engine): Promise<void> {
  const message = `The ${title} did not answer within ${patienceMs / 1_000} s.`;
  return within(ping(), patienceMs, () => new ParleyError('unavailable', { message }));
}
