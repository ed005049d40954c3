/** Decides when a connection gets one more line: while more moves over it than a line of a home ever takes. */

/**
 * 40 Mbit/s. Below, one line takes what there is, and more would only push others aside. Above, what holds a line back is
 * Chromium's socket, which takes 64 KiB at a time: whatever comes while its process waits for a processor is lost, and the
 * line slows down.
 */
const fastBytesPerSecond = 5_000_000;
const lookMs = 250;

export interface Growth {
  /** So many bytes were sent or came. @returns whether one more line would be of use. */
  moved(bytes: number): boolean;
}

/** @param now milliseconds that only go up. */
export function createGrowth(now: () => number): Growth {
  let since = now();
  let bytes = 0;
  return {
    moved(more) {
      bytes += more;
      const ms = now() - since;
      if (ms < lookMs) return false;
      const isFast = (bytes * 1_000) / ms >= fastBytesPerSecond;
      since += ms;
      bytes = 0;
      return isFast;
    },
  };
}
