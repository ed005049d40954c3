/** Gives sessions their turns to be fed: one after another while the store answers at once, many while it takes its time. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OpenSession } from './session.ts';

/** Milliseconds of feeding in one turn of the event loop; then live traffic goes first. */
const sliceMs = 2;
/** Steps that wait for the store at once: enough for a store some milliseconds away, and what a pool of connections bears. */
const stepsAtOnce = 32;

export interface FeedTurns {
  /** Has the session get a turn; one that is having its turn is looked at again after it anyway. */
  add(session: OpenSession): void;
}

/** @param step does one piece of a session's work and says whether there is more to do now; never rejects. */
export function createFeedTurns(step: (session: OpenSession) => Promise<boolean>): FeedTurns {
  const queue = new Set<OpenSession>();
  const underWay = new Set<OpenSession>();
  let working = false;
  let ended = (): void => {};

  function add(session: OpenSession): void {
    if (underWay.has(session)) return;
    queue.add(session);
    if (!working) void work();
  }

  async function work(): Promise<void> {
    working = true;
    await nextTurn();
    let since = performance.now();
    for (const session of queue) {
      queue.delete(session);
      start(session);
      await allThatIsReady();
      while (underWay.size >= stepsAtOnce) await new Promise<void>((resolve) => (ended = resolve));
      if (performance.now() - since < sliceMs) continue;
      await nextTurn();
      since = performance.now();
    }
    working = false;
  }

  function start(session: OpenSession): void {
    underWay.add(session);
    void step(session).then((more) => {
      underWay.delete(session);
      if (more) add(session);
      ended();
    });
  }

  return { add };
}

/** Resolves once all that can go on without input has: an in-process store has answered by then. */
function allThatIsReady(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
