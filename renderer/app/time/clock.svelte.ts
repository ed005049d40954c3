/** The present as the screens show it: steps once a second, so that words about time stay true. */

export class Clock {
  #now = $state.raw(Date.now());
  #minute = $state.raw(Math.floor(Date.now() / 60_000));

  constructor() {
    setInterval(() => {
      this.#now = Date.now();
      const minute = Math.floor(this.#now / 60_000);
      if (minute !== this.#minute) this.#minute = minute;
    }, 1_000);
  }

  /** For countdowns. */
  get second(): number {
    return this.#now;
  }

  /** For everything else: changes only once a minute. */
  get minute(): number {
    return this.#minute * 60_000;
  }
}
