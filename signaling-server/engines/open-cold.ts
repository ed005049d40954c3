/** Puts the messages that left the database back into the log that the relay reads, where the settings name a key to them. */
import { join } from 'node:path';
import { ParleyError } from '../../protocol/index.ts';
import { createColdHistory, parseColdKey, refuseForgottenSegments } from '../adapters/cold/cold-history.ts';
import { openDiskSegments } from '../adapters/cold/disk-segments.ts';
import type { Config } from '../config/settings-table.ts';
import type { Clock } from '../ports/clock.ts';
import type { SegmentStorage } from '../ports/cold.ts';
import type { Log } from '../ports/log.ts';
import type { RelayMetrics } from '../ports/metrics.ts';
import type { Store } from '../ports/store.ts';

type ColdConfig = Pick<
  Config,
  | 'data'
  | 'blobs'
  | 'cold'
  | 'coldAfterDays'
  | 'coldKey'
  | 'coldOldKeys'
  | 'readOnly'
  | 's3AccessKey'
  | 's3SecretKey'
  | 's3SessionToken'
>;

interface ColdParts {
  readonly config: ColdConfig;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<RelayMetrics, 'gauge'>;
}

export interface OpenedCold {
  /** With all messages, wherever they are. */
  readonly store: Store;
  /** Begins to move old messages; to be called once the relay is up. */
  start(): void;
  close(): Promise<void>;
}

/** @throws ParleyError `storage_failed` when messages are in segments and no key to them is set. */
export async function openCold({ config, store, clock, log, metrics }: ColdParts): Promise<OpenedCold> {
  const [key, ...older] = keysOf(config);
  if (key === undefined) {
    await refuseForgottenSegments(store);
    return { store, start() {}, close: () => Promise.resolve() };
  }
  const { cold } = store;
  if (cold === undefined) {
    const message = 'The database of --store does not keep old messages elsewhere yet. Leave out --cold-key.';
    throw new ParleyError('bad_request', { message });
  }
  const segments = await openSegments(config, clock);
  const days = config.coldAfterDays === 0 || config.readOnly ? null : config.coldAfterDays;
  const whole = { ...store, cold };
  const history = createColdHistory({
    store: whole,
    segments,
    keys: [key, ...older],
    coldAfterDays: days,
    clock,
    log,
    metrics,
  });
  let working: { stop(): Promise<void> } | null = null;
  return {
    store: history.store,
    start() {
      working ??= history.start();
    },
    async close() {
      await working?.stop();
      await segments.close();
    },
  };
}

function keysOf({ coldKey, coldOldKeys }: ColdConfig): Uint8Array[] {
  const written = coldKey === null ? [] : [coldKey, ...coldOldKeys];
  return written.map((each) => {
    const key = parseColdKey(each);
    if (key) return key;
    throw new ParleyError('bad_request', { message: 'A key of --cold-key or --cold-old-keys is not one of 32 bytes.' });
  });
}

/** Where the segments are: what `--cold` says, else beside the files. */
async function openSegments(config: ColdConfig, clock: Clock): Promise<SegmentStorage> {
  const place = config.cold ?? config.blobs ?? join(config.data, 'cold');
  if (!place.startsWith('s3://')) return openDiskSegments(place);
  const { openS3Segments } = await import('../adapters/s3/s3-segments.ts');
  const { s3AccessKey, s3SecretKey, s3SessionToken } = config;
  const keys = { accessKey: s3AccessKey ?? '', secretKey: s3SecretKey ?? '', sessionToken: s3SessionToken };
  return openS3Segments({ url: place, ...keys, clock });
}
