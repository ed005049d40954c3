/** A store whose old messages lie in segments, for tests: with a clock that the test moves. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createColdHistory, type ColdHistory } from '../../signaling-server/adapters/cold/cold-history.ts';
import { openDiskSegments } from '../../signaling-server/adapters/cold/disk-segments.ts';
import { openSqliteStore } from '../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import type { ColdCatalogue, SegmentStorage } from '../../signaling-server/ports/cold.ts';
import type { Store } from '../../signaling-server/ports/store.ts';
import { silentLog, temporaryDirectory } from './relay-core.ts';

export const dayMs = 86_400_000;
const minuteMs = 60_000;
const silent = { log: silentLog, metrics: silentMetrics };
const smallest = { leastMessages: 1, mostMessages: 50 };

export type StoreWithCold = Store & { readonly cold: ColdCatalogue };

export interface ColdStoreOptions {
  /** Opens what is there, or makes it; SQLite in the folder unless said. */
  readonly openStore?: (dataDir: string) => Promise<StoreWithCold>;
  readonly sizes?: { readonly leastMessages: number; readonly mostMessages: number };
  /** Between the archiver and what it works with, for tests of faults. */
  readonly wrapSegments?: (segments: SegmentStorage) => SegmentStorage;
  readonly wrapCatalogue?: (catalogue: ColdCatalogue) => ColdCatalogue;
}

export class ColdStore {
  readonly dataDir = temporaryDirectory();
  readonly #options: ColdStoreOptions;
  /** A month from now, so that whatever is stored now is old. */
  now = Date.now() + 30 * dayMs;
  /** Without segments. */
  plain!: StoreWithCold;
  segments!: SegmentStorage;
  cold!: ColdHistory;

  constructor(options: ColdStoreOptions = {}) {
    this.#options = options;
  }

  static async open(options: ColdStoreOptions = {}): Promise<ColdStore> {
    const store = new ColdStore(options);
    await store.#open();
    return store;
  }

  get store() {
    return this.cold.store;
  }

  async #open(): Promise<void> {
    const { openStore = openSqlite, wrapSegments, wrapCatalogue, sizes = smallest } = this.#options;
    this.plain = await openStore(this.dataDir);
    const segments = await openDiskSegments(join(this.dataDir, 'cold'));
    this.segments = wrapSegments?.(segments) ?? segments;
    const cold = wrapCatalogue?.(this.plain.cold) ?? this.plain.cold;
    this.cold = createColdHistory({
      ...silent,
      store: { ...this.plain, cold },
      segments: this.segments,
      keys: [createHash('sha256').update('key of the test').digest()],
      coldAfterDays: 7,
      clock: () => this.now,
      sizes: { ...sizes, leastBytes: 1e9 },
    });
  }

  /** Moves all that can be moved. */
  async archive(): Promise<void> {
    for (let moved = true; moved;) {
      ({ moved } = await this.cold.pass());
      this.now += 11 * minuteMs;
    }
  }

  async reopen(): Promise<void> {
    await this.plain.close();
    await this.#open();
  }

  async dispose(): Promise<void> {
    await this.plain.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

function openSqlite(dataDir: string): Promise<StoreWithCold> {
  return openSqliteStore({ dataDir, clock: Date.now, ...silent });
}
