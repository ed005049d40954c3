/** Looks after the history on this computer: reads all of it once a day while nothing else happens, and keeps a second copy. */
import { z } from 'zod';
import type { Safekeeping as SafekeepingView } from '../../../bridge/views.ts';
import { milliseconds, ParleyError } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../storage/store.ts';
import { copyAndCheck, removeCopy } from './history-copy.ts';

export interface Safekeeping {
  view(): SafekeepingView;
  set(keepCopy: boolean): Promise<SafekeepingView>;
  /** Looks now, whenever it was looked at last. @throws what copying or checking throws. */
  look(): Promise<void>;
  /** Resolves when what runs is over. */
  close(): Promise<void>;
}

interface SafekeepingDeps {
  /** Of the account. */
  readonly folder: string;
  readonly store: Pick<Store, 'state' | 'transact' | 'copyTo'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the engine has better things to do, such as catching up. */
  readonly isBusy: () => boolean;
  readonly onChanged: (view: SafekeepingView) => void;
  /** The history has to be set aside. */
  readonly onDamaged: (error: ParleyError) => void;
}

const stateName = 'safekeeping';
const stateSchema = z.object({
  keepCopy: z.boolean(),
  copiedAt: z.number().nullable(),
  checkedAt: z.number().nullable(),
});

const firstLookMs = 3 * milliseconds.minute;
const nextLookMs = 20 * milliseconds.minute;
const everyMs = milliseconds.day;

export function createSafekeeping(deps: SafekeepingDeps): Safekeeping {
  const { folder, store, clock, log } = deps;
  let running: Promise<void> | null = null;
  let closed = false;
  let cancel = clock.after(firstLookMs, lookIfDue);

  const view = (): SafekeepingView =>
    store.state.get(stateName, stateSchema) ?? { keepCopy: true, copiedAt: null, checkedAt: null };

  function save(changes: Partial<SafekeepingView>): SafekeepingView {
    const next = { ...view(), ...changes };
    store.transact(() => store.state.set(stateName, next));
    deps.onChanged(next);
    return next;
  }

  function lookIfDue(): void {
    if (closed) return;
    cancel = clock.after(nextLookMs, lookIfDue);
    if (!isDue() || deps.isBusy()) return;
    look().catch((error: unknown) => log.warn('safekeeping.failed', {}, error));
  }

  /** A clock that was set back does not put the next look off for long. */
  function isDue(): boolean {
    const { keepCopy, copiedAt, checkedAt } = view();
    const last = keepCopy ? Math.min(copiedAt ?? 0, checkedAt ?? 0) : (checkedAt ?? 0);
    return Math.abs(clock.now() - last) >= everyMs;
  }

  function look(): Promise<void> {
    return (running ??= copy().finally(() => (running = null)));
  }

  async function copy(): Promise<void> {
    const { keepCopy } = view();
    const finding = await copyAndCheck(store, folder, keepCopy);
    if (closed) return;
    if (finding !== null) {
      log.error('safekeeping.damaged', { finding });
      return deps.onDamaged(damaged(finding));
    }
    const at = clock.now();
    save(keepCopy ? { checkedAt: at, copiedAt: at } : { checkedAt: at });
    // The person may have changed their mind meanwhile.
    if (keepCopy && !view().keepCopy) removeCopy(folder);
  }

  return {
    view,
    async set(keepCopy) {
      const next = save(keepCopy ? { keepCopy } : { keepCopy, copiedAt: null });
      if (!keepCopy) removeCopy(folder);
      else if (next.copiedAt === null) void look().catch((error: unknown) => log.warn('safekeeping.failed', {}, error));
      return next;
    },
    look,
    async close() {
      closed = true;
      cancel();
      await running?.catch(() => {});
    },
  };
}

function damaged(finding: string): ParleyError {
  const cause = Object.assign(new Error(finding), { code: 'SQLITE_CORRUPT' });
  return new ParleyError('storage_failed', { message: 'The history on this computer is damaged.', cause });
}
