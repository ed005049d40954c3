/**
 * Keeps what a session is given in bulk a bounded way ahead of what its device has read: on a narrow line the rest of it
 * would fill the buffers on the way, and whatever is said meanwhile would have to wait behind megabytes.
 */
import { limits } from '../../protocol/index.ts';
import type { Wire } from './session.ts';

/** The device is asked so often how far it has read. */
const markBytes = limits.relayBatchBytes;
/** Unanswered marks: half a megabyte for each round trip is more than most lines carry. */
const mostMarks = 2;

export class Pace {
  #sinceMark = 0;
  #marks = 0;
  #lastMark = 0;

  /** Whether the device is to read first. */
  get rests(): boolean {
    return this.#marks >= mostMarks;
  }

  /** @param goOn called when a mark was read. */
  sent(bytes: number, wire: Wire, goOn: () => void): void {
    this.#sinceMark += bytes;
    if (this.#sinceMark < markBytes) return;
    this.#sinceMark = 0;
    this.#marks++;
    this.#lastMark = (this.#lastMark + 1) % 256;
    wire.whenTaken(this.#lastMark, () => {
      this.#marks--;
      goOn();
    });
  }
}
