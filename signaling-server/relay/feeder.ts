/** Gives sessions what they lack from the store, as fast as each socket takes it and with turns for all. */
import {
  limits,
  ParleyError,
  type ClientFrame,
  type Conversation,
  type ConversationId,
  type FrameOf,
} from '../../protocol/index.ts';
import { catchUp } from './catch-up.ts';
import { createChainTurns } from './chain-turns.ts';
import type { AnswerChain, ChainFrame } from './chain.ts';
import { Feed, type FetchFrame } from './feed.ts';
import { createFeedTurns } from './feed-turns.ts';
import { createFetchTurns } from './fetch-turns.ts';
import { answerFetch } from './fetch.ts';
import { errorFrame, say } from './frames-out.ts';
import { OutageLog } from './outage-log.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';
import { createSpareTime } from './spare-time.ts';
import { finishSync, listConversations, sendEnd, sendListing, tellChanged } from './sync.ts';

/** A socket that has more than this waiting is left alone until it has drained. */
const pauseAbove = limits.relayBatchBytes;
/** Fetches, and questions about chains, that one device may have waiting for their answers. */
const maxFetches = 64;
const maxChains = 64;
/** More than anyone has: a device that names so many conversations as held is not a device of ours. */
const maxHeld = 10 * limits.syncEntries;

export interface Feeder {
  /** @returns whether messages of these seqs may go to the socket right now; if not, they will come from the store. */
  live(session: OpenSession, conversation: ConversationId, first: number, last: number): boolean;
  /** Messages of these seqs come from the store, in order with those that come live. */
  leave(session: OpenSession, conversation: ConversationId, first: number, last: number): void;
  /** @returns whether other news may go to the socket right now; if not, the caller names what to tell anew. */
  hasRoom(session: OpenSession): boolean;
  tellLater(session: OpenSession, what: ConversationId | 'people' | 'devices'): void;
  sync(session: OpenSession, frame: FrameOf<ClientFrame, 'sync'>): void;
  fetch(session: OpenSession, frame: FetchFrame): void;
  chain(session: OpenSession, frame: ChainFrame): void;
  /** For a device that never says what it holds: live messages start without a sync. */
  stopWaiting(session: OpenSession): void;
  /** Tries again what the store could not give. */
  retry(): void;
}

interface FeederActs {
  readonly refreshPeople: (session: OpenSession) => Promise<void>;
  readonly answerChain: AnswerChain;
  /** A session syncs: it is about to be given these conversations up to their heads. */
  readonly listed: (session: OpenSession, conversations: readonly Conversation[]) => void;
}

export function createFeeder(parts: RelayParts, { refreshPeople, answerChain, listed }: FeederActs): Feeder {
  const { metrics, settings } = parts;
  const failed = new Set<OpenSession>();
  const outage = new OutageLog(parts, 'feed.failed');
  const chains = createChainTurns({ answer: answerChain, wake, spare: createSpareTime() });
  const fetches = createFetchTurns({
    answer: (session, frame) => answerFetch(parts, session, frame),
    wake,
    uptime: parts.uptime,
  });
  const turns = createFeedTurns(step);

  function wake(session: OpenSession): void {
    if (session.feed?.due) turns.add(session);
  }

  /** @returns whether there is more to do now. */
  async function step(session: OpenSession): Promise<boolean> {
    const { wire, feed } = session;
    if (!wire.open || !feed) return false;
    if (wire.waiting() > pauseAbove) {
      wire.whenDrained(() => wake(session));
      return false;
    }
    try {
      await serve(session, feed);
    } catch (error) {
      outage.note(error, { device: session.device });
      failed.add(session);
      return false;
    }
    // It may have another feed by now: the one before had nothing left but what was just under way.
    if (session.feed?.done) session.feed = null;
    return session.feed?.due ?? false;
  }

  /** One piece of work, the most urgent first. */
  async function serve(session: OpenSession, feed: Feed): Promise<void> {
    if (feed.fetches.length > 0 && !feed.fetchesRest) return fetches.serve(session, feed);
    if (feed.sync === 'asked') return listed(session, await listConversations(parts, session, feed));
    if (feed.sync === 'listing') return sendListing(parts, session, feed);
    if (feed.changed.size > 0) return tellChanged(parts, session, feed);
    if (feed.people) return tellPeople(session, feed);
    if (feed.devices) {
      feed.devices = false;
      return say(session, { type: 'devices' });
    }
    if (feed.ends.length > 0) return sendEnd(parts, session, feed);
    if (!feed.isPaced && feed.behind.size > 0 && feed.sync !== 'waiting') return catchUpPaced(session, feed);
    if (!feed.isPaced) finishSync(session, feed);
    await chains.serve(session, feed);
  }

  async function catchUpPaced(session: OpenSession, feed: Feed): Promise<void> {
    feed.pace.sent(await catchUp(parts, session, feed), session.wire, () => wake(session));
  }

  async function tellPeople(session: OpenSession, feed: Feed): Promise<void> {
    feed.people = false;
    try {
      await refreshPeople(session);
    } catch (error) {
      feed.people = true;
      throw error;
    }
  }

  function refuse(session: OpenSession, { ref, conversation }: FetchFrame | ChainFrame): void {
    const message = 'Too many questions are waiting. Ask again when some are answered.';
    say(session, errorFrame(new ParleyError('rate_limited', { message, retryAfterMs: 250 }), { ref, conversation }));
  }

  function feedOf(session: OpenSession): Feed {
    session.feed ??= new Feed('none');
    return session.feed;
  }

  function leave(session: OpenSession, conversation: ConversationId, first: number, last: number): void {
    feedOf(session).leave(conversation, first, last);
    wake(session);
  }

  function hasRoom(session: OpenSession): boolean {
    return session.wire.waiting() <= settings.maxBufferedBytes;
  }

  return {
    hasRoom,
    live(session, conversation, first, last) {
      const room = hasRoom(session);
      if (room && !session.feed?.holds(conversation, first)) return true;
      if (!room && !session.feed) metrics.sessionLagging();
      leave(session, conversation, first, last);
      return false;
    },
    leave,
    tellLater(session, what) {
      const feed = feedOf(session);
      if (what === 'people') feed.people = true;
      else if (what === 'devices') feed.devices = true;
      else feed.changed.add(what);
      wake(session);
    },
    sync(session, { have, last, overlap = false, ahead = false }) {
      const feed = feedOf(session);
      for (const { conversation, seq } of have) feed.held.set(conversation, seq);
      if (feed.held.size > maxHeld) {
        session.wire.fail(
          new ParleyError('flooding', { message: 'The device says that it holds too many conversations.' }),
        );
      }
      if (!last) return;
      feed.overlap = overlap;
      feed.ahead = ahead;
      feed.sync = 'asked';
      wake(session);
    },
    fetch(session, frame) {
      const feed = feedOf(session);
      if (feed.fetches.length < maxFetches) {
        feed.fetches.push(frame);
        return wake(session);
      }
      refuse(session, frame);
    },
    chain(session, frame) {
      const feed = feedOf(session);
      if (feed.chains.length >= maxChains) return refuse(session, frame);
      feed.chains.push({ frame, work: null });
      wake(session);
    },
    stopWaiting(session) {
      const { feed } = session;
      if (feed?.sync !== 'waiting') return;
      feed.sync = 'none';
      if (feed.done) session.feed = null;
      else wake(session);
    },
    retry() {
      const sessions = [...failed];
      failed.clear();
      sessions.forEach(wake);
    },
  };
}
