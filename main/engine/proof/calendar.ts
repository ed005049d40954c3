/** Which conversation is to be looked at when: soon after it changed, seldom enough, those that a person asks for first. */
import type { ConversationId } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';

export interface Due {
  readonly conversation: ConversationId;
  /** A person waits for it. */
  readonly asked: boolean;
  readonly thorough: boolean;
  /** Looks once more at what others had not signed off the last time. */
  readonly isSecond: boolean;
}

export interface Calendar {
  /** The conversation changed: it is due when it has been quiet for a while. */
  changed(conversation: ConversationId): void;
  /** Due after so long, unless it is due earlier anyhow; but no sooner than a minute after the last time. */
  in(ms: number, conversation: ConversationId, isSecond?: boolean): void;
  /** Due now. */
  ask(conversation: ConversationId, thorough: boolean): void;
  /** The next one that is due, taken out; null when none is. */
  take(): Due | null;
  /** Whether a person waits. */
  isAsked(): boolean;
  /** Milliseconds until something is due; null when nothing is entered. */
  wait(): number | null;
  clear(): void;
}

interface Entry {
  at: number;
  /** A conversation that never is quiet is due then. */
  readonly latest: number;
  readonly isSecond: boolean;
}

const quietMs = 4_000;
const spreadMs = 3_000;
const apartMs = 60_000;
const patienceMs = 60_000;

export function createCalendar(clock: Clock, random: () => number): Calendar {
  const entries = new Map<ConversationId, Entry>();
  /** In the order asked; whether from the first message on. */
  const asked = new Map<ConversationId, boolean>();
  const lastTaken = new Map<ConversationId, number>();

  const soonest = (conversation: ConversationId) => (lastTaken.get(conversation) ?? Number.NEGATIVE_INFINITY) + apartMs;

  function earliest(): [ConversationId, Entry] | null {
    let first: [ConversationId, Entry] | null = null;
    for (const entry of entries) if (!first || entry[1].at < first[1].at) first = entry;
    return first;
  }

  function taken(conversation: ConversationId, due: Omit<Due, 'conversation'>): Due {
    asked.delete(conversation);
    entries.delete(conversation);
    lastTaken.set(conversation, clock.monotonic());
    return { conversation, ...due };
  }

  return {
    changed(conversation) {
      const now = clock.monotonic();
      const latest = Math.max(entries.get(conversation)?.latest ?? now + patienceMs, soonest(conversation));
      const at = Math.max(now + quietMs + random() * spreadMs, soonest(conversation));
      entries.set(conversation, { at: Math.min(at, latest), latest, isSecond: false });
    },
    in(ms, conversation, isSecond = false) {
      const at = Math.max(clock.monotonic() + ms, soonest(conversation));
      const known = entries.get(conversation);
      if (!known || known.at > at) entries.set(conversation, { at, latest: at + patienceMs, isSecond });
    },
    ask(conversation, thorough) {
      asked.set(conversation, thorough || asked.get(conversation) === true);
    },
    take() {
      const [first] = asked;
      if (first) return taken(first[0], { asked: true, thorough: first[1], isSecond: false });
      const next = earliest();
      if (!next || next[1].at > clock.monotonic()) return null;
      return taken(next[0], { asked: false, thorough: false, isSecond: next[1].isSecond });
    },
    isAsked: () => asked.size > 0,
    wait() {
      if (asked.size > 0) return 0;
      const next = earliest();
      return next ? Math.max(0, next[1].at - clock.monotonic()) : null;
    },
    clear() {
      entries.clear();
      asked.clear();
    },
  };
}
