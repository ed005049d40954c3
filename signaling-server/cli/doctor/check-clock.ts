/** Compares this machine's clock with that of an engine, which it asks. */
import { fail, ok, warn, type Finding } from './finding.ts';

const seenMs = 2_000;
/** From here on tokens for files and times of messages go wrong. */
const harmfulMs = 60_000;

/** @param ask gives the other clock in milliseconds since 1970; the time it takes is taken into account. */
export async function checkClockBetween(other: string, ask: () => Promise<number>): Promise<Finding> {
  const before = Date.now();
  const there = await ask();
  const after = Date.now();
  const apart = there < before ? before - there : there > after ? there - after : 0;
  const found = `${(apart / 1_000).toFixed(1)} s from that of ${other}`;
  const advice = 'Set both clocks (timedatectl set-ntp true).';
  if (apart > harmfulMs) return fail('clock', found, advice);
  return apart > seenMs ? warn('clock', found, advice) : ok('clock', found);
}
