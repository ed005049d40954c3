/** What the proof asks of the relay: links of its chains, and messages that are in doubt. */
import {
  ParleyError,
  type ClientFrame,
  type ConversationId,
  type FrameOf,
  type RelayFrame,
} from '../../../protocol/index.ts';
import { createQuestions, firstRefs } from '../connection/questions.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Link } from './links.ts';

export type Chained = FrameOf<RelayFrame, 'chained'>;

/** Messages that came again, and how many of them had differed from what was stored, or were missing. */
export interface Mended {
  readonly frame: FrameOf<RelayFrame, 'fetched'>;
  readonly mended: number;
}

/** What asks reject with is a ParleyError: the relay refuses, does not answer in time, or the link is gone. */
export interface RelayAsks {
  chain(conversation: ConversationId, seqs: readonly number[]): Promise<Chained>;
  /** The relay's links at these seqs, in their order. @throws ParleyError `unavailable` when it cannot tell them all. */
  links(conversation: ConversationId, seqs: readonly number[]): Promise<Link[]>;
  /** Fetches messages again; by the time it resolves those that differed are stored as the relay has them. */
  messages(conversation: ConversationId, from: number, to: number): Promise<Mended>;
  /** Whether fetched messages are an answer to `messages`. */
  isOurs(ref: number, conversation: ConversationId): boolean;
  takeChained(frame: Chained): void;
  takeMended(mended: Mended): void;
  refused(frame: FrameOf<RelayFrame, 'error'>): void;
  /** The link is gone. */
  reset(): void;
}

interface AsksDeps {
  readonly clock: Clock;
  readonly isUp: () => boolean;
  readonly send: (frame: ClientFrame) => void;
}

export function createRelayAsks({ clock, isUp, send }: AsksDeps): RelayAsks {
  const chains = createQuestions<Chained>({ clock, isUp, firstRef: firstRefs.chain });
  const fetches = createQuestions<Mended>({ clock, isUp, firstRef: firstRefs.again });

  const chain = (conversation: ConversationId, seqs: readonly number[]) =>
    chains.ask(conversation, (ref) => send({ type: 'chain', ref, conversation, seqs: [...seqs] }));

  return {
    chain,
    async links(conversation, seqs) {
      const { links } = await chain(conversation, seqs);
      const bySeq = linksBySeq(links);
      return seqs.map((seq) => bySeq.get(seq) ?? raise(cannotVouch()));
    },
    messages: (conversation, from, to) =>
      fetches.ask(conversation, (ref) => send({ type: 'fetch', ref, conversation, from, to })),
    isOurs: (ref, conversation) => fetches.isOpen(ref, conversation),
    takeChained: (frame) => void chains.answer(frame.ref, frame.conversation, frame),
    takeMended: (mended) => void fetches.answer(mended.frame.ref, mended.frame.conversation, mended),
    refused(frame) {
      chains.refused(frame);
      fetches.refused(frame);
    },
    reset() {
      chains.reset();
      fetches.reset();
    },
  };
}

export function linksBySeq(links: Chained['links']): ReadonlyMap<number, Link> {
  return new Map(links.map(({ seq, link }) => [seq, link]));
}

export function cannotVouch(): ParleyError {
  return new ParleyError('unavailable', {
    message: 'The relay could not say what its log of this conversation holds.',
  });
}

function raise(error: ParleyError): never {
  throw error;
}
