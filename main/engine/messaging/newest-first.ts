/**
 * Fetches what somebody looks at before all else that is missing: the newest messages of a conversation, where the relay has
 * not given them first, and those before them as one scrolls back. The rest comes in its order meanwhile.
 */
import {
  ParleyError,
  type ClientFrame,
  type ConversationId,
  type Envelope,
  type FrameOf,
  type RelayFrame,
} from '../../../protocol/index.ts';
import { createQuestions, firstRefs } from '../connection/questions.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Stretch } from '../storage/conversations-table.ts';
import type { Tracks } from './tracks.ts';

type Fetched = FrameOf<RelayFrame, 'fetched'>;

export interface NewestFirst {
  /** Resolves when the conversation's newest messages are stored; or they cannot come now, or not soon. Never rejects. */
  newest(conversation: ConversationId): Promise<void>;
  /**
   * Resolves when those right before the newest are stored.
   * @throws ParleyError `relay_unreachable` or what the relay answers when they cannot come now.
   */
  older(conversation: ConversationId): Promise<void>;
  isOurs(ref: number, conversation: ConversationId): boolean;
  /** Takes a part of an answer. @returns all there is of the stretch once it is complete, to be stored. */
  take(frame: Fetched): { readonly stretch: Stretch; readonly messages: readonly Envelope[] } | null;
  /** What `take` gave is stored. */
  stored(frame: Fetched): void;
  refused(frame: FrameOf<RelayFrame, 'error'>): void;
  /** The link is gone. */
  reset(): void;
}

interface NewestFirstDeps {
  readonly tracks: Tracks;
  /** Of the sealer: without it all comes in its order, however long that takes. */
  readonly opensAhead: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly isUp: () => boolean;
  readonly send: (frame: ClientFrame) => void;
  /** Storing failed where nobody waits for it. */
  readonly onFault: (error: unknown) => void;
}

/** A fetch of one stretch, which may take several answers: the relay bounds them by bytes. */
interface Run {
  readonly conversation: ConversationId;
  stretch: Stretch;
  next: number;
  readonly messages: Envelope[];
}

/** More than fill a window; there may be a thumbnail in each. */
const newestMessages = 30;
const olderMessages = 60;
/** Then a conversation is shown with what is here. */
const patienceMs = 3_000;

export function createNewestFirst({
  tracks,
  opensAhead,
  clock,
  log,
  isUp,
  send,
  onFault,
}: NewestFirstDeps): NewestFirst {
  const questions = createQuestions<void>({ clock, isUp, firstRef: firstRefs.newest });
  const runs = new Map<ConversationId, Run>();
  const underWay = new Map<ConversationId, Promise<void>>();

  /** Fetches of one conversation follow one another: each is measured by what the one before brought. */
  function fetch(conversation: ConversationId, wanted: () => Stretch | null): Promise<void> {
    const before = underWay.get(conversation)?.catch(() => {}) ?? Promise.resolve();
    const work = before.then(() => {
      const stretch = wanted();
      return stretch ? fetchAll(conversation, stretch) : undefined;
    });
    underWay.set(conversation, work);
    const forget = () => {
      if (underWay.get(conversation) === work) underWay.delete(conversation);
    };
    work.then(forget, forget);
    return work;
  }

  async function fetchAll(conversation: ConversationId, stretch: Stretch): Promise<void> {
    const run: Run = { conversation, stretch, next: stretch.from, messages: [] };
    log.debug('newest.fetch', { conversation, ...stretch });
    runs.set(conversation, run);
    try {
      while (run.next <= run.stretch.to) await questions.ask(conversation, (ref) => ask(ref, run));
    } finally {
      runs.delete(conversation);
    }
  }

  function ask(ref: number, { conversation, next, stretch }: Run): void {
    send({ type: 'fetch', ref, conversation, from: next, to: stretch.to });
  }

  function missingNewest(conversation: ConversationId): Stretch | null {
    const track = tracks.of(conversation);
    if (!track) return null;
    return track.lacks({ from: Math.max(1, track.head - newestMessages + 1), to: track.head });
  }

  function missingOlder(conversation: ConversationId): Stretch | null {
    const track = tracks.of(conversation);
    if (!track?.ahead) return null;
    return track.lacks({ from: Math.max(1, track.ahead.from - olderMessages), to: track.ahead.from - 1 });
  }

  /** Whoever waits for it is told; what nobody waits for comes with the rest. */
  const inBackground = (conversation: ConversationId) =>
    fetch(conversation, () => missingNewest(conversation)).catch((error: unknown) => {
      if (!(error instanceof ParleyError)) return onFault(error);
      log.debug('newest.not_fetched', { conversation, code: error.code });
    });

  return {
    async newest(conversation) {
      if (!opensAhead || !isUp() || !missingNewest(conversation)) return;
      let cancel = () => {};
      const patience = new Promise<void>((resolve) => (cancel = clock.after(patienceMs, resolve)));
      await Promise.race([inBackground(conversation), patience]);
      cancel();
    },
    older: (conversation) => fetch(conversation, () => missingOlder(conversation)),
    isOurs: (ref, conversation) => questions.isOpen(ref, conversation),
    take({ conversation, head, messages }) {
      const run = runs.get(conversation);
      if (!run) return null;
      const to = Math.min(run.stretch.to, head);
      const last = messages.at(-1)?.seq ?? to;
      run.messages.push(...messages);
      run.stretch = { from: run.stretch.from, to };
      run.next = Math.max(run.next, last) + 1;
      return run.next > to && run.stretch.from <= to ? run : null;
    },
    stored: ({ ref, conversation }) => void questions.answer(ref, conversation, undefined),
    refused: (frame) => questions.refused(frame),
    reset: () => questions.reset(),
  };
}
