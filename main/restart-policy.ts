/** When a process that keeps ending is started again, and when trying is over. */

export interface RestartPolicy {
  /** Counts one more unexpected end. @returns how long to wait before the next start; null: do not start again. */
  afterCrash(): number | null;
  /** The person asks for another go. */
  reset(): void;
}

const delaysMs = [0, 500, 1_500, 4_000] as const;
const windowMs = 60_000;

/** One start per delay of the list, as long as the ends fall into one minute; one further end is a crash loop. */
export function createRestartPolicy(now: () => number): RestartPolicy {
  let crashes: number[] = [];
  return {
    afterCrash() {
      const time = now();
      crashes = [...crashes.filter((crash) => time - crash < windowMs), time];
      return delaysMs[crashes.length - 1] ?? null;
    },
    reset() {
      crashes = [];
    },
  };
}
