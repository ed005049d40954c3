/** Gives chains their turns: folding is work for the relay alone, so it rests as long as it worked. */
import type { AnswerChain } from './chain.ts';
import type { Feed } from './feed.ts';
import type { OpenSession } from './session.ts';

export interface ChainTurns {
  /** One piece of the session's first question, or none while the relay rests; then the session is woken after it. */
  serve(session: OpenSession, feed: Feed): Promise<void>;
}

/** Timers know no less. */
const leastRestMs = 1;

/** Whoever asks for whatever: chains take half of what the relay can do at most. */
export function createChainTurns(answer: AnswerChain, wake: (session: OpenSession) => void): ChainTurns {
  const waiting = new Map<OpenSession, Feed>();
  let resting = false;
  let workedMs = 0;

  function worked(ms: number): void {
    workedMs += ms;
    if (workedMs < leastRestMs) return;
    resting = true;
    setTimeout(() => {
      resting = false;
      const sessions = [...waiting];
      waiting.clear();
      for (const [session, feed] of sessions) {
        feed.chainsRest = false;
        wake(session);
      }
    }, workedMs).unref();
    workedMs = 0;
  }

  return {
    async serve(session, feed) {
      const [ask] = feed.chains;
      if (!ask) return;
      if (!resting) {
        const since = performance.now();
        if (await answer(session, ask)) feed.chains.shift();
        worked(performance.now() - since);
      }
      if (!resting || feed.chains.length === 0) return;
      feed.chainsRest = true;
      waiting.set(session, feed);
    },
  };
}
