/** Looks into the store for messages of which no note came: while the bus is away, when notes were lost, and now and then. */
import { ParleyError, type ConversationId } from '../../protocol/index.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createEndedSessions } from './ended-sessions.ts';
import type { Feeder } from './feeder.ts';
import type { Order } from './order.ts';
import { OutageLog } from './outage-log.ts';
import type { People, Person } from './people.ts';
import type { RelayParts } from './relay-parts.ts';

/** So a message whose note was lost is late by this at most, plus what the store takes. */
const everyMs = 1_250;
/** A message counts from when its storing began; storing that takes much longer is given up. */
const marginMs = 30_000;
/** People whom one question to the store is about, and such questions at once: live traffic has the rest of the store. */
const batch = 500;
const atOnce = 2;
/** Everybody is looked at once in this time even if nothing is known to be lost, that far back. */
const roundMs = 600_000;
const roundBackMs = 1_800_000;

export interface LossSweepDeps {
  readonly parts: Pick<RelayParts, 'store' | 'bus' | 'clock' | 'uptime' | 'log' | 'metrics'>;
  /** Those whose sessions are here. */
  readonly people: Pick<People, 'all' | 'users'>;
  readonly order: Pick<Order, 'head' | 'known'>;
  readonly feeder: Pick<Feeder, 'tellLater'>;
}

export interface LossSweep {
  stop(): void;
}

/** For a bus between nodes; nothing is lost in one process. */
export function startLossSweep(deps: LossSweepDeps): LossSweep {
  const { people } = deps;
  const { bus, clock, uptime, metrics } = deps.parts;
  const outage = new OutageLog(deps.parts, 'loss_sweep.failed');
  const look = createLook(deps);
  /** Since when something may be missing, by `uptime`; null when nothing is known to be. */
  let due: number | null = null;
  let wholeUntil = uptime();
  let running = false;
  let stopped = false;
  let round: Person[] = [];
  metrics.gauge('parley_untold_seconds', 'For how long messages may have gone untold; 0 when none are known to.', () =>
    due === null ? 0 : Math.max(0, uptime() - due) / 1_000,
  );

  function missing(since: number): void {
    due = Math.min(due ?? Infinity, since);
    if (!running) void run();
  }

  /** One at a time: what is reported meanwhile is looked for by the next. */
  async function run(): Promise<void> {
    running = true;
    const began = uptime();
    const since = due ?? began;
    due = null;
    // While nothing is heard at all, who may come in is asked at the end of it.
    const { connected } = bus;
    const failure = await look(people.all(), {
      withinMs: began - since + marginMs,
      cursors: connected,
      ended: connected,
    });
    if (failure) {
      outage.note(failure);
      due = Math.min(due ?? Infinity, since);
    } else if (!bus.connected) wholeUntil = began;
    running = false;
    // Reported while it ran; what failed is tried again with the next tick.
    if (due !== null && !failure && !stopped) void run();
  }

  async function goRound(): Promise<void> {
    running = true;
    if (round.length === 0) round = people.all();
    const share = round.splice(0, Math.ceil((people.users * everyMs) / roundMs));
    await look(share, { withinMs: roundBackMs, cursors: false, ended: true });
    running = false;
    if (due !== null && !stopped) void run();
  }

  function tick(): void {
    if (bus.connected && due === null) wholeUntil = uptime();
    else due = Math.min(due ?? Infinity, wholeUntil);
    if (running || stopped) return;
    if (due !== null) void run();
    else void goRound();
  }

  const timer = setInterval(tick, everyMs).unref();
  const leave = bus.onLoss((since) => {
    if (!stopped) missing(uptime() - Math.max(0, clock() - since));
  });
  return {
    stop() {
      stopped = true;
      clearInterval(timer);
      leave();
    },
  };
}

interface LookFor {
  /** Messages of the last so many milliseconds. */
  readonly withinMs: number;
  /** Cursors of conversations with messages of that time, though none of the messages were missed. */
  readonly cursors: boolean;
  /** Sessions that have ended. */
  readonly ended: boolean;
}

/** @returns looks for what no note told about these people; resolves to the first failure, or null. */
function createLook({ parts: { store, log }, order, feeder }: LossSweepDeps) {
  const lookForEnded = createEndedSessions(store);

  async function lookForMessages(people: readonly Person[], { withinMs, cursors }: LookFor): Promise<void> {
    const here = new Map(people.map((person) => [person.user, person]));
    for (const { user, conversation, head } of await store.conversations.activeWithin([...here.keys()], withinMs)) {
      const person = here.get(user);
      if (!person) continue;
      // Of one without messages nothing is remembered: that there is such a conversation is told again.
      const isNews = head === 0 || order.head(person, conversation, head);
      if (!isNews) await lookForRewind(person, conversation, head);
      if (!isNews && !cursors) continue;
      // Where messages were missed, so may cursors have been, or that there is such a conversation.
      for (const session of person.sessions) feeder.tellLater(session, conversation);
    }
  }

  /**
   * A store that has less than was given has lost it: it is an old copy that took the place of another. Devices that
   * connect anew find out what that means for them.
   */
  async function lookForRewind(person: Person, conversation: ConversationId, head: number): Promise<void> {
    const known = order.known(person, conversation) ?? 0;
    if (head >= known) return;
    // What was given since the first question was asked is there by now.
    const again = await store.conversations.get(conversation, person.user);
    if (!again || again.head >= known) return;
    log.error('store.rewound', { conversation, given: known, head: again.head });
    for (const { wire } of person.sessions) wire.fail(lostMessages());
  }

  return async (people: Person[], what: LookFor): Promise<unknown> => {
    let next = 0;
    let failure: unknown = null;
    const worker = async (): Promise<void> => {
      while (next < people.length && failure === null) {
        const some = people.slice(next, (next += batch)).filter(({ sessions }) => sessions.length > 0);
        try {
          await Promise.all([lookForMessages(some, what), what.ended ? lookForEnded(some) : null]);
        } catch (error) {
          failure ??= error;
        }
        await nextTurn();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return failure;
  };
}

function lostMessages(): ParleyError {
  return new ParleyError('going_away', {
    message: 'The relay was put back to an earlier state. Connect again to sync.',
  });
}
