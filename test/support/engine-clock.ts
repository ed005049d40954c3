/** A clock that stands still until the test moves it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../main/engine/runtime/clock.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export class EngineClock implements Clock {
  /** How far the wall clock is from the truth. */
  skew = 0;
  #elapsed = 0;
  readonly #timers = new Set<Timer>();
  readonly #start: number;

  constructor(start = Date.UTC(2026, 10, 23)) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#elapsed + this.skew;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#elapsed + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs the timers that fall due, in order, and lets what they begin go on. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    await settle();
    for (let next = this.#nextBefore(until); next; next = this.#nextBefore(until)) {
      this.#timers.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.run();
      await settle();
    }
    this.#elapsed = until;
  }

  /** Moves on, second by second, until something holds. */
  async until(holds: () => boolean | Promise<boolean>, withinSeconds = 300): Promise<void> {
    for (let second = 0; second < withinSeconds; second++) {
      await settle();
      if (await holds()) return;
      await this.advance(1_000);
    }
    throw new Error(`It did not come about within ${withinSeconds} s of the test's clock.`);
  }

  #nextBefore(until: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.at <= until);
    return due.reduce<Timer | undefined>((first, timer) => (!first || timer.at < first.at ? timer : first), undefined);
  }
}

/** Lets everything run that does not wait for a timer. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await nextTurn();
}
