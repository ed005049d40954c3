/** The bus of a relay that is alone: notes go to the subscribers in this process. */
import type { Bus, Note, Subject } from '../../ports/bus.ts';

type Listener = (note: Note) => void;

/**
 * @param onFault hears of listeners that threw; the others still get their note.
 * @param onEnded hears of each subscription that ended, once.
 */
export function createMemoryBus(
  onFault: (error: unknown) => void = () => {},
  onEnded: (subject: Subject) => void = () => {},
): Bus {
  const listeners = new Map<Subject, Listener[]>();
  const waiting: { subject: Subject; note: Note }[] = [];
  let handing = false;

  /** A note published by a listener waits until the present one is handed out: order holds for every subscriber. */
  function publish(subject: Subject, note: Note): void {
    if (handing) return void waiting.push({ subject, note });
    handing = true;
    handOut(subject, note);
    for (let next = waiting.shift(); next; next = waiting.shift()) handOut(next.subject, next.note);
    handing = false;
  }

  function handOut(subject: Subject, note: Note): void {
    for (const listener of listeners.get(subject) ?? []) {
      try {
        listener(note);
      } catch (error) {
        onFault(error);
      }
    }
  }

  function subscribe(subject: Subject, listener: Listener): () => void {
    let active = true;
    // Its own function, so that the same listener subscribed twice is two subscriptions.
    const own: Listener = (note) => {
      if (active) listener(note);
    };
    // Lists are replaced, never changed: one that is being walked through stays as it was.
    listeners.set(subject, (listeners.get(subject) ?? []).concat(own));
    return () => {
      if (!active) return;
      active = false;
      const rest = (listeners.get(subject) ?? []).filter((other) => other !== own);
      if (rest.length > 0) listeners.set(subject, rest);
      else listeners.delete(subject);
      onEnded(subject);
    };
  }

  return {
    publish,
    subscribe,
    async subscribed(subjects) {
      return new Set(subjects.filter((subject) => listeners.has(subject)));
    },
    connected: true,
    isLocal: true,
    /** Nothing is lost within one process. */
    onLoss: () => () => {},
    async ping() {},
    async close() {
      listeners.clear();
    },
  };
}
