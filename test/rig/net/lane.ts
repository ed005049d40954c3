/** One direction of a proxied connection: keeps the bytes in order and lets them through as the weather says. */
import type { Socket } from 'node:net';

export type Weather =
  | { readonly state: 'clear' }
  | { readonly state: 'slow'; readonly bytesPerTick: number }
  /** Nothing passes. */
  | { readonly state: 'shut' };

const tickMs = 10;
/** The sender is held back beyond this, as a real network would. */
const fullBytes = 512 * 1024;

export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  #weather: Weather = { state: 'clear' };
  #held: Buffer[] = [];
  #heldBytes = 0;
  #ended = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
  }

  set(weather: Weather): void {
    this.#weather = weather;
    this.#flow();
  }

  push(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes > fullBytes) this.#from.pause();
    this.#flow();
  }

  /** The other side learns of the end after it has got everything. */
  end(): void {
    this.#ended = true;
    this.#flow();
  }

  /** Drops what is held. */
  destroy(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#held = [];
    this.#ended = false;
  }

  #flow(): void {
    if (this.#weather.state === 'shut') return;
    if (this.#weather.state === 'slow') return this.#trickle(this.#weather.bytesPerTick);
    for (const chunk of this.#held.splice(0)) this.#to.write(chunk);
    this.#heldBytes = 0;
    this.#settle();
  }

  #trickle(bytes: number): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const [first] = this.#held;
      if (first && this.#weather.state === 'slow') {
        this.#to.write(first.subarray(0, bytes));
        this.#heldBytes -= Math.min(bytes, first.length);
        if (first.length > bytes) this.#held[0] = first.subarray(bytes);
        else this.#held.shift();
      }
      if (this.#held.length > 0) this.#flow();
      else this.#settle();
    }, tickMs);
  }

  #settle(): void {
    if (this.#heldBytes <= fullBytes && !this.#from.destroyed) this.#from.resume();
    if (this.#ended && this.#held.length === 0) this.#to.end();
  }
}
