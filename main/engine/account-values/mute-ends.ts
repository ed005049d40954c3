/** Ends mutes at the time that was set for them, by the relay's clock. */
import type { Clock } from '../runtime/clock.ts';
import type { Store } from '../storage/store.ts';

export interface MuteEnds {
  /** Works out anew which mutes are over: after a mute changed, or what this device takes for the relay's time. */
  settle(): void;
  stop(): void;
}

interface MuteDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Relay time. */
  readonly now: () => number;
  /** Applies the values of these names anew. */
  readonly apply: (names: readonly string[]) => void;
}

export function createMuteEnds({ store, clock, now, apply }: MuteDeps): MuteEnds {
  let cancel = () => {};

  function settle(): void {
    cancel();
    apply(store.accountValues.names('mute:'));
    const end = store.marks.nextMuteEnd();
    if (end !== null) cancel = clock.after(Math.max(1, end - now()), settle);
  }

  return { settle, stop: () => cancel() };
}
