/** When a device notices that nobody is at the other end any more, where heartbeats are rare. */
import { exponential } from './random.ts';

/** The system looks at a link that was quiet for so long, then each second, and ends it after ten looks without an answer. */
const lookAfterSeconds = 15;
const unansweredSeconds = 10;
/** What is said after a silence asks first, and waits for the answer so long (main/engine/connection/heartbeat.ts). */
const probeSeconds = 4;

/**
 * @param saidPerSecond by one device. @returns seconds from the moment of the loss. A quiet link was last looked at up to
 * 15 s before, whenever that was.
 */
export function noticedAfter(random: () => number, saidPerSecond: number): number {
  const bySystem = lookAfterSeconds * (1 - random()) + unansweredSeconds;
  return Math.min(bySystem, exponential(random, 1 / saidPerSecond) + probeSeconds);
}
