/** How many bytes lie in the object store, and whether more may. */
import type { Clock } from '../../ports/clock.ts';
import { noRoom } from '../blob-errors.ts';

export interface Usage {
  /** Counts all there is: this lists the bucket. */
  measure(): Promise<number>;
  /** @throws ParleyError `storage_full` when so many more would go past the cap. */
  assertFits(bytes: number): Promise<void>;
  /** Counts bytes that are about to be stored. @throws ParleyError `storage_full`; then nothing was counted. */
  take(bytes: number): Promise<void>;
  give(bytes: number): void;
}

export interface UsageDeps {
  /** Null: whatever the store takes. Nothing is listed then. */
  readonly capBytes: number | null;
  readonly clock: Clock;
  readonly count: () => Promise<number>;
}

/** What other nodes store is seen this late, so that a cap may be passed by what they take in this time. */
const trustedMs = 600_000;

export function createUsage({ capBytes, clock, count }: UsageDeps): Usage {
  let used = 0;
  let countedAt = Number.NEGATIVE_INFINITY;
  let counting: Promise<void> | null = null;

  async function recount(): Promise<void> {
    const counted = await count();
    used = counted;
    countedAt = clock();
  }

  async function upToDate(): Promise<void> {
    if (clock() - countedAt < trustedMs) return;
    await (counting ??= recount().finally(() => (counting = null)));
  }

  async function assertFits(bytes: number): Promise<void> {
    if (capBytes === null) return;
    await upToDate();
    if (used + bytes > capBytes) throw noRoom();
  }

  return {
    measure: count,
    assertFits,
    async take(bytes) {
      await assertFits(bytes);
      used += bytes;
    },
    give(bytes) {
      used -= bytes;
    },
  };
}
