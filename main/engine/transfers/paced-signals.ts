/** Says things about many blobs without flooding the relay: a few signals at a time, the same one never twice in the row. */
import { createThrottle } from '../runtime/throttle.ts';
import type { Clock } from '../runtime/clock.ts';

export interface PacedSignals {
  /** @param key what is said about what; what waits under the same key is said once. */
  say(key: string, send: () => void): void;
  clear(): void;
}

/** A relay takes some 200 frames a second from a device; messages must have their part of them. */
const atOnce = 4;
const everyMs = 100;

export function createPacedSignals(clock: Clock): PacedSignals {
  const waiting = new Map<string, () => void>();
  const throttle = createThrottle(clock, everyMs, () => {
    for (const [key, send] of [...waiting].slice(0, atOnce)) {
      waiting.delete(key);
      send();
    }
    if (waiting.size > 0) throttle.trigger();
  });
  return {
    say(key, send) {
      waiting.set(key, send);
      throttle.trigger();
    },
    clear() {
      waiting.clear();
      throttle.cancel();
    },
  };
}
