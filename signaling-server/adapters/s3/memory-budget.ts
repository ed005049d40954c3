/** Bounds the bytes that all uploads of a node hold in memory, until the object store has them. */
import { ParleyError } from '../../../protocol/index.ts';

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

export class MemoryBudget {
  readonly #most: number;
  readonly #waitMs: number;
  readonly #waiting = new Set<Waiting>();
  #held = 0;

  constructor(mostBytes: number, waitMs: number) {
    this.#most = mostBytes;
    this.#waitMs = waitMs;
  }

  get held(): number {
    return this.#held;
  }

  /**
   * Waits a while for room. @throws ParleyError `unavailable` when there is none: whoever holds a half part then is to put
   * it away and give its bytes back, so that uploads never wait for one another in a circle.
   */
  async take(bytes: number): Promise<void> {
    if (this.#waiting.size > 0 || !this.#fits(bytes)) await this.#wait(bytes);
    else this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
    this.#serve();
  }

  #serve(): void {
    for (const waiting of this.#waiting) {
      if (!this.#fits(waiting.bytes)) return;
      this.#waiting.delete(waiting);
      this.#held += waiting.bytes;
      waiting.go();
    }
  }

  #fits(bytes: number): boolean {
    return this.#held === 0 || this.#held + bytes <= this.#most;
  }

  #wait(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(tooBusy());
        this.#serve();
      }, this.#waitMs);
      const waiting: Waiting = {
        bytes,
        go() {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#waiting.add(waiting);
    });
  }
}

function tooBusy(): ParleyError {
  const message = 'The relay has more files on their way to its store than it can take. Try again in a moment.';
  return new ParleyError('unavailable', { message, retryAfterMs: 3_000 });
}
