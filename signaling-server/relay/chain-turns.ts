/** Gives chains their turns: folding is work for the relay alone, so it has at most half of the time that all else leaves over. */
import type { ConversationId } from '../../protocol/index.ts';
import type { AnswerChain } from './chain.ts';
import type { Feed } from './feed.ts';
import type { OpenSession } from './session.ts';
import type { SpareTime } from './spare-time.ts';

export interface ChainTurns {
  /** One piece of the session's first question, or none while others have their turn; then the session is woken after it. */
  serve(session: OpenSession, feed: Feed): Promise<void>;
}

/** Timers know no less. */
const leastRestMs = 1;
/** Pieces that wait for a store that takes its time. An in-process store answers one before the next can begin. */
const piecesAtOnce = 8;

/** What chains may always have, so that a busy relay answers in the end. */
const leastShare = 0.02;

/** Half of the time while all of it is left over, and ever less: what seems idle on a busy relay may be a wait for others. */
const shareOf = (spare: number): number => Math.max(leastShare, (spare * spare) / 2);

interface ChainTurnDeps {
  readonly answer: AnswerChain;
  readonly wake: (session: OpenSession) => void;
  readonly spare: SpareTime;
}

/** Whoever asks for whatever: messages do not wait for chains. No two pieces fold one conversation at once. */
export function createChainTurns({ answer, wake, spare }: ChainTurnDeps): ChainTurns {
  const waiting = new Map<OpenSession, Feed>();
  const underWay = new Set<ConversationId>();
  let resting = false;
  let workedMs = 0;

  function worked(ms: number): void {
    workedMs += ms;
    spare.worked(ms);
    const restMs = workedMs * (1 / shareOf(spare.share()) - 1);
    if (restMs < leastRestMs) return;
    resting = true;
    setTimeout(() => {
      resting = false;
      wakeWaiting();
    }, restMs).unref();
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
