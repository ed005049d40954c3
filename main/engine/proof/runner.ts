/** Looks at conversations when they are due, one at a time: in idle time, or at once where a person waits. */
import type { ConversationId } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import { createCalendar, type Due } from './calendar.ts';
import type { Pace } from './chains.ts';
import { unlessStopped, type Quiet } from './quiet.ts';

/** That it is worth looking at a conversation once more. */
export interface Again {
  readonly afterMs: number;
  readonly isSecond: boolean;
}

export interface Runner {
  /** Messages of the conversation were stored. */
  changed(conversation: ConversationId): void;
  enter(conversation: ConversationId, again: Again): void;
  /** A person waits for it. */
  ask(conversation: ConversationId, thorough: boolean): void;
  /** The relay can be asked now. */
  begin(): void;
  /** It cannot any more: what was entered is forgotten. */
  halt(): void;
  /** Resolves when nothing is looked at any more, after `halt` and the quiet's `stop`. */
  idle(): Promise<void>;
}

interface RunnerDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly quiet: Quiet;
  readonly look: (due: Due, pace: Pace) => Promise<Again | null>;
  readonly onFault: (error: unknown) => void;
}

/** Conversations that are due together do not come all at once, for the relay's sake. */
export const betweenLooksMs = 200;

export function createRunner({ clock, random, quiet, look, onFault }: RunnerDeps): Runner {
  const calendar = createCalendar(clock, random);
  let current: Due | null = null;
  let running: Promise<void> | null = null;
  let isOpen = false;
  let cancelTimer: (() => void) | null = null;

  const patiently = () => quiet.wait(calendar.isAsked);

  async function work(): Promise<void> {
    for (let due = calendar.take(); due; due = calendar.take()) {
      current = due;
      if (!due.asked) await patiently();
      const again = await look(due, due.asked ? quiet.turn : patiently);
      current = null;
      if (again && isOpen) calendar.in(again.afterMs, due.conversation, again.isSecond);
      if (!calendar.isAsked()) await quiet.rest(betweenLooksMs);
    }
  }

  function start(): void {
    cancelTimer = null;
    running ??= work()
      .catch(unlessStopped(onFault))
      .finally(() => {
        running = null;
        current = null;
        arm();
      });
  }

  function disarm(): void {
    cancelTimer?.();
    cancelTimer = null;
  }

  function arm(): void {
    disarm();
    const wait = isOpen && running === null ? calendar.wait() : null;
    if (wait !== null) cancelTimer = clock.after(wait, start);
  }

  return {
    changed(conversation) {
      if (!isOpen) return;
      calendar.changed(conversation);
      // What changed moves back: a timer that runs too early finds nothing due and is set anew.
      if (!cancelTimer) arm();
    },
    enter(conversation, { afterMs, isSecond }) {
      if (isOpen) calendar.in(afterMs, conversation, isSecond);
      arm();
    },
    ask(conversation, thorough) {
      const isRunning = current?.conversation === conversation && (current.thorough || !thorough);
      if (!isOpen || isRunning) return;
      calendar.ask(conversation, thorough);
      quiet.hurry();
      arm();
    },
    begin() {
      isOpen = true;
      arm();
    },
    halt() {
      isOpen = false;
      calendar.clear();
      disarm();
    },
    async idle() {
      await running;
    },
  };
}
