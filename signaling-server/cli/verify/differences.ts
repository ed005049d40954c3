/** Gathers what a check found wrong: how often, and the first few in words. */
import { fail, ok, warn, type Finding } from '../doctor/finding.ts';

const mostExamples = 5;

export class Differences {
  readonly #examples: string[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(what: string): void {
    this.#count += 1;
    if (this.#examples.length < mostExamples) this.#examples.push(what);
  }

  /** @param good what to say when there was none. @param state what one is: wrong here, or only to be looked at. */
  finding(check: string, good: string, advice: string, state: 'fail' | 'warn' = 'fail'): Finding {
    if (this.#count === 0) return ok(check, good);
    const more = this.#count - this.#examples.length;
    const found = this.#examples.join('; ') + (more > 0 ? `; and ${more} more` : '');
    return state === 'fail' ? fail(check, found, advice) : warn(check, found, advice);
  }
}
