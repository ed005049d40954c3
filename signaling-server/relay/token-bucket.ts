/** Says how often something may happen: a steady rate, and a burst after a rest. */

/**
 * Two numbers a user or device in place of rate-limiter-flexible, which the HTTP side uses: its memory limiter answers
 * by a promise and keeps a timer for each key, and this is asked for every frame.
 */
export class TokenBucket {
  #tokens: number;
  #at: number;

  /** @param at milliseconds, as for `now` of `take`. */
  constructor(burst: number, at: number) {
    this.#tokens = burst;
    this.#at = at;
  }

  /** Takes a token if there is one. @returns 0, or the milliseconds after which there will be one. */
  take(now: number, perSecond: number, burst: number): number {
    // A clock set back gives nothing; one set forward no more than the burst.
    const gained = (Math.max(0, now - this.#at) * perSecond) / 1_000;
    this.#tokens = Math.min(burst, this.#tokens + gained);
    this.#at = now;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 1_000) / perSecond);
    this.#tokens -= 1;
    return 0;
  }

  /** Takes more afterwards, where what something costs is known only then; what is missing has to be gained first. */
  spend(tokens: number): void {
    this.#tokens -= tokens;
  }
}
