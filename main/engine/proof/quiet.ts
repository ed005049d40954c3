/** Knows when nothing comes in, so that work that can wait does; and lets all such work end when the engine closes. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../runtime/clock.ts';

/** All that wait reject with `Stopped` once `stop` was called: nothing may be read or written any more. */
export interface Quiet {
  /** Something came in. */
  disturb(): void;
  /** Resolves in the next turn of the event loop. */
  turn(): Promise<void>;
  /**
   * Resolves in the next turn if nothing came in for a second, else when it has, or when `isUrgent` and `hurry` was called;
   * at the latest after a minute, for there may always be something.
   */
  wait(isUrgent?: () => boolean): Promise<void>;
  /** Resolves when so much time has passed, or `hurry` was called. */
  rest(ms: number): Promise<void>;
  hurry(): void;
  stop(): void;
}

export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** The end is no fault. */
export function unlessStopped(onFault: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Stopped)) onFault(error);
  };
}

const quietMs = 1_000;
const longestMs = 60_000;

export function createQuiet(clock: Clock): Quiet {
  const resting = new Set<() => void>();
  let disturbedAt = Number.NEGATIVE_INFINITY;
  let stopped = false;

  function goOn(): void {
    if (stopped) throw new Stopped('The engine closes.');
  }

  function wakeAll(): void {
    for (const wake of [...resting]) wake();
  }

  async function rest(ms: number): Promise<void> {
    goOn();
    await new Promise<void>((resolve) => {
      const wake = () => {
        cancel();
        resting.delete(wake);
        resolve();
      };
      const cancel = clock.after(ms, wake);
      resting.add(wake);
    });
    goOn();
  }

  async function turn(): Promise<void> {
    await nextTurn();
    goOn();
  }

  return {
    disturb() {
      disturbedAt = clock.monotonic();
    },
    turn,
    async wait(isUrgent = () => false) {
      await turn();
      const until = clock.monotonic() + longestMs;
      for (;;) {
        const left = Math.min(disturbedAt + quietMs, until) - clock.monotonic();
        if (left <= 0 || isUrgent()) return;
        await rest(left);
      }
    },
    rest,
    hurry: wakeAll,
    stop() {
      stopped = true;
      wakeAll();
    },
  };
}
