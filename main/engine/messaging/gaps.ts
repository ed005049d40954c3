/** Fetches what is missing in conversations, a few ranges at a time, until there are no holes (P4). */
import {
  errorTable,
  isErrorCode,
  limits,
  ParleyError,
  type ClientFrame,
  type ConversationId,
  type FrameOf,
  type RelayFrame,
} from '../../../protocol/index.ts';
import { waitWithinReason } from '../connection/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Tracks } from './tracks.ts';

export interface Gaps {
  /** The relay has sent what it had: from now on a hole is a hole. */
  open(): void;
  /** Fetches the conversation's first hole, if there is one and nothing is on its way yet. */
  look(conversation: ConversationId): void;
  /** The range of this conversation that was asked with this ref; null when it is not ours. */
  asked(ref: number, conversation: ConversationId): { readonly from: number; readonly to: number } | null;
  /** The answer is stored. */
  settled(frame: FrameOf<RelayFrame, 'fetched'>): void;
  /** The relay refused a fetch: asked again later, or not at all where that would not help. */
  refused(ref: number, code: string, retryAfterMs: number | undefined): void;
  /** The link is gone. */
  reset(): void;
}

interface Fetch {
  readonly conversation: ConversationId;
  readonly from: number;
  readonly to: number;
  readonly cancelTimeout: () => void;
}

const maxFetches = 4;
const answerMs = 20_000;
const refusedMs = 5_000;

interface GapsDeps {
  readonly tracks: Tracks;
  readonly clock: Clock;
  readonly log: Log;
  readonly send: (frame: ClientFrame) => void;
  readonly drop: (why: ParleyError) => void;
}

export function createGaps({ tracks, clock, log, send, drop }: GapsDeps): Gaps {
  const running = new Map<number, Fetch>();
  const waiting = new Set<ConversationId>();
  const pauses = new Map<ConversationId, () => void>();
  let isOpen = false;
  let lastRef = 0;

  const isRunning = (conversation: ConversationId) =>
    [...running.values()].some((fetch) => fetch.conversation === conversation);

  function look(conversation: ConversationId): void {
    if (!isOpen || isRunning(conversation) || pauses.has(conversation)) return;
    const hole = tracks.of(conversation)?.hole();
    if (!hole) return;
    if (running.size >= maxFetches) {
      waiting.add(conversation);
      return;
    }
    fetch(conversation, hole.from, Math.min(hole.to, hole.from + limits.batchMessages - 1));
  }

  function fetch(conversation: ConversationId, from: number, to: number): void {
    const ref = (lastRef = (lastRef + 1) % 0xffff_ffff);
    const cancelTimeout = clock.after(answerMs, () => {
      drop(new ParleyError('relay_unreachable', { message: 'The relay did not answer in time.' }));
    });
    running.set(ref, { conversation, from, to, cancelTimeout });
    log.debug('gap.fetch', { conversation, from, to });
    send({ type: 'fetch', ref, conversation, from, to });
  }

  function finish(ref: number): Fetch | undefined {
    const done = running.get(ref);
    done?.cancelTimeout();
    running.delete(ref);
    return done;
  }

  function goOn(): void {
    for (const conversation of [...waiting]) {
      if (running.size >= maxFetches) return;
      waiting.delete(conversation);
      look(conversation);
    }
  }

  /** An answer that moved nothing would be the same a moment later. */
  function lookAfter({ conversation, from }: Fetch): void {
    if (tracks.of(conversation)?.hole()?.from === from) pause(conversation, refusedMs);
    else look(conversation);
  }

  function pause(conversation: ConversationId, ms: number): void {
    const cancel = clock.after(ms, () => {
      pauses.delete(conversation);
      look(conversation);
    });
    pauses.set(conversation, cancel);
  }

  return {
    open() {
      isOpen = true;
      for (const conversation of tracks.withHoles()) look(conversation);
    },
    look,
    asked(ref, conversation) {
      const fetch = running.get(ref);
      return fetch?.conversation === conversation ? fetch : null;
    },
    settled(frame) {
      const done = finish(frame.ref);
      if (done) lookAfter(done);
      goOn();
    },
    refused(ref, code, retryAfterMs) {
      const refused = finish(ref);
      if (refused && mayHelp(code)) pause(refused.conversation, waitWithinReason(retryAfterMs ?? refusedMs));
      else if (refused) tracks.of(refused.conversation)?.giveUp();
      goOn();
    },
    reset() {
      isOpen = false;
      for (const ref of [...running.keys()]) finish(ref);
      for (const cancel of pauses.values()) cancel();
      pauses.clear();
      waiting.clear();
    },
  };
}

function mayHelp(code: string): boolean {
  return isErrorCode(code) && errorTable[code].retry;
}
