/** A store whose old messages move to segments by themselves: the log that reads both, and the work in the background. */
import { setTimeout as sleep } from 'node:timers/promises';
import { milliseconds, ParleyError, type ConversationId } from '../../../protocol/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ColdCatalogue, SegmentStorage } from '../../ports/cold.ts';
import type { Log } from '../../ports/log.ts';
import type { RelayMetrics } from '../../ports/metrics.ts';
import type { Store } from '../../ports/store.ts';
import { createArchiver, type SegmentSizes } from './archiver.ts';
import { createColdLog } from './cold-log.ts';
import { createSegmentReader } from './segment-reader.ts';
import { createSegmentSealer } from './segment-sealer.ts';

export interface ColdHistoryDeps {
  readonly store: Store & { readonly cold: ColdCatalogue };
  readonly segments: SegmentStorage;
  /** 32 bytes each; the first one seals, all of them open. */
  readonly keys: readonly [Uint8Array, ...Uint8Array[]];
  /** Null: nothing more is moved, and what was is served. */
  readonly coldAfterDays: number | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<RelayMetrics, 'gauge'>;
  readonly sizes?: Partial<SegmentSizes>;
}

export interface ColdHistory {
  /** The store with all its messages, wherever they are. */
  readonly store: Store;
  /** One look at all conversations; what is noted now leaves the log in a later one. @returns what it did. */
  pass(): Promise<{ readonly moved: boolean }>;
  /** Looks again and again until stopped. */
  start(): { stop(): Promise<void> };
}

const cacheBytes = 64 * 1024 * 1024;
const pageRows = 200;
const soonMs = 10 * milliseconds.minute;
const laterMs = milliseconds.hour;

export function createColdHistory(deps: ColdHistoryDeps): ColdHistory {
  const { store, segments, keys, coldAfterDays, clock, log, metrics } = deps;
  const catalogue = store.cold;
  const sealer = createSegmentSealer(keys);
  const reader = createSegmentReader({ segments, sealer, log, cacheBytes });
  const { conversations } = store;
  const coldLog = createColdLog({ log: store.log, conversations, catalogue, reader, clock });
  const coldAfterMs = (coldAfterDays ?? Number.POSITIVE_INFINITY) * milliseconds.day;
  const archiver = createArchiver({ ...deps, store, catalogue, sealer, reader, coldAfterMs });
  let archived = 0;
  metrics.gauge(
    'parley_cold_steps',
    'Segments that this node noted or took out of the log since its start.',
    () => archived,
  );

  async function pass(isOver = () => false): Promise<{ moved: boolean }> {
    let moved = false;
    for (let after: ConversationId | null = null; !isOver();) {
      const page: ConversationId[] = await catalogue.conversations(after, pageRows);
      for (const conversation of page) {
        if (isOver()) break;
        const did = await turn(conversation);
        moved ||= did;
      }
      after = page.at(-1) ?? null;
      if (page.length < pageRows) break;
    }
    return { moved };
  }

  /** One conversation that cannot be moved does not hold up the others. */
  async function turn(conversation: ConversationId): Promise<boolean> {
    try {
      const did = await archiver.turn(conversation);
      if (did) archived += 1;
      return did;
    } catch (error) {
      log.warn('cold.not_moved', { conversation, error });
      return false;
    }
  }

  return {
    store: { ...store, log: coldLog },
    pass: () => pass(),
    start() {
      const stopping = new AbortController();
      const { signal } = stopping;
      const working =
        coldAfterDays === null ? Promise.resolve() : work(() => pass(() => signal.aborted), { log, signal });
      return {
        async stop() {
          stopping.abort();
          await working;
        },
      };
    },
  };
}

interface Background {
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Nodes of a fleet do not begin at one time. */
async function work(pass: () => Promise<{ moved: boolean }>, { log, signal }: Background): Promise<void> {
  for (let waitMs = soonMs * Math.random(); ;) {
    await sleep(waitMs, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    const { moved } = await pass().catch((error: unknown) => {
      log.warn('cold.pass_failed', { error });
      return { moved: false };
    });
    waitMs = (moved ? soonMs : laterMs) * (0.9 + Math.random() / 5);
  }
}

/**
 * A relay without the settings for segments would take what was archived for lost, and its messages for new ones.
 * @throws ParleyError `storage_failed` with one line for the admin when the store has segments.
 */
export async function refuseForgottenSegments({ cold }: Pick<Store, 'cold'>): Promise<void> {
  if (cold === undefined || !(await cold.any())) return;
  throw new ParleyError('storage_failed', {
    message:
      'Part of the history was moved to cold storage, and the settings for it are missing. Set --cold and PARLEY_COLD_KEY as they were.',
  });
}

/** @param written 32 bytes in hex or base64. @returns null for anything else. */
export function parseColdKey(written: string): Uint8Array | null {
  const trimmed = written.trim();
  const bytes = Buffer.from(trimmed, /^[0-9a-f]{64}$/i.test(trimmed) ? 'hex' : 'base64');
  return bytes.byteLength === 32 && /^[\w+/=-]+$/.test(trimmed) ? bytes : null;
}
