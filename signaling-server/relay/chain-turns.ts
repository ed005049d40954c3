/** Gives chains their turns: folding is work for the relay alone, so it rests as long as it worked. */
import type { ConversationId } from '../../protocol/index.ts';
import type { AnswerChain } from './chain.ts';
import type { Feed } from './feed.ts';
import type { OpenSession } from './session.ts';

export interface ChainTurns {
  /** One piece of the session's first question, or none while others have their turn; then the session is woken after it. */
  serve(session: OpenSession, feed: Feed): Promise<void>;
}

/** Timers know no less. */
const leastRestMs = 1;
/** Pieces that wait for a store that takes its time. An in-process store answers one before the next can begin. */
const piecesAtOnce = 8;

/** Whoever asks for whatever: chains take half of what the relay can do at most. No two pieces fold one conversation at once. */
export function createChainTurns(answer: AnswerChain, wake: (session: OpenSession) => void): ChainTurns {
  const waiting = new Map<OpenSession, Feed>();
  const underWay = new Set<ConversationId>();
  let resting = false;
  let workedMs = 0;

  function worked(ms: number): void {
    workedMs += ms;
    if (workedMs < leastRestMs) return;
    resting = true;
    setTimeout(() => {
      resting = false;
      wakeWaiting();
    }, workedMs).unref();
    workedMs = 0;
  }

  function wakeWaiting(): void {
    for (const [session, feed] of [...waiting].slice(0, piecesAtOnce)) {
      waiting.delete(session);
      feed.chainsRest = false;
      wake(session);
    }
  }

  async function work(session: OpenSession, feed: Feed, ask: Feed['chains'][number]): Promise<void> {
    const { conversation } = ask.frame;
    const since = performance.now();
    underWay.add(conversation);
    try {
      if (await answer(session, ask)) feed.chains.shift();
    } finally {
      // Pieces that wait for the store together share the time.
      worked((performance.now() - since) / underWay.size);
      underWay.delete(conversation);
      if (!resting) wakeWaiting();
    }
  }

  return {
    async serve(session, feed) {
      const [ask] = feed.chains;
      if (!ask) return;
      const isFree = underWay.size < piecesAtOnce && !underWay.has(ask.frame.conversation);
      if (!resting && isFree) await work(session, feed, ask);
      else if (!resting) return rest(session, feed);
      if (resting && feed.chains.length > 0) rest(session, feed);
    },
  };

  function rest(session: OpenSession, feed: Feed): void {
    feed.chainsRest = true;
    waiting.set(session, feed);
  }
}
