/** Asks anew, a while later, about people who were said to be away: that they came may have been told before it could be heard. */
import type { UserId } from '../../protocol/index.ts';

export interface Doubts {
  /** The user was said to be away just now. */
  add(user: UserId): void;
  stop(): void;
}

interface DoubtsDeps {
  /** In milliseconds, of a clock that only measures. */
  readonly uptime: () => number;
  readonly askAgain: (users: readonly UserId[]) => void;
}

/**
 * So long after they are asked about. Servers of a bus take a moment to tell each other who listens where, and a node that
 * hangs answers nothing; one that hangs for longer is noticed, and then everybody is asked about.
 */
const afterMs = [3_000, 12_000] as const;
const lookEveryMs = 1_000;

export function createDoubts({ uptime, askAgain }: DoubtsDeps): Doubts {
  const open = new Map<UserId, { readonly since: number; asked: number }>();
  let timer: NodeJS.Timeout | null = null;

  function stop(): void {
    if (timer) clearInterval(timer);
    timer = null;
    open.clear();
  }

  function look(): void {
    const due: UserId[] = [];
    for (const [user, doubt] of open) {
      if (uptime() - doubt.since < (afterMs[doubt.asked] ?? 0)) continue;
      due.push(user);
      if (++doubt.asked === afterMs.length) open.delete(user);
    }
    if (open.size === 0) stop();
    if (due.length > 0) askAgain(due);
  }

  return {
    add(user) {
      open.set(user, { since: uptime(), asked: 0 });
      timer ??= setInterval(look, lookEveryMs).unref();
    },
    stop,
  };
}
