/** Lets what goes on for long be said now and then, not each time. */
const remindMs = 60_000;

/** @returns calls back at first, and again once a minute has passed. */
export function createReminder(elapsed: () => number) {
  let saidAt = -Infinity;
  const remind = (say: () => void): void => {
    if (elapsed() - saidAt < remindMs) return;
    saidAt = elapsed();
    say();
  };
  /** It is over: when it begins again, that is news. */
  return Object.assign(remind, { forget: () => void (saidAt = -Infinity) });
}
