/** Questions to the relay that wait for an answer of one kind, each known by its ref. */
import {
  isErrorCode,
  ParleyError,
  type ConversationId,
  type FrameOf,
  type RelayFrame,
} from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';

export interface Questions<A> {
  /**
   * @param send says the question with this ref. Rejects with a ParleyError when there is no link, no answer comes in time,
   * or the relay refuses.
   */
  ask(conversation: ConversationId, send: (ref: number) => void): Promise<A>;
  isOpen(ref: number, conversation: ConversationId): boolean;
  /** @returns whether the answer was waited for. */
  answer(ref: number, conversation: ConversationId, answer: A): boolean;
  /** An error frame that names a ref; one that is not of these questions is left alone. */
  refused(frame: FrameOf<RelayFrame, 'error'>): void;
  /** The link is gone. */
  reset(): void;
}

interface Question<A> {
  readonly conversation: ConversationId;
  readonly resolve: (answer: A) => void;
  readonly reject: (why: ParleyError) => void;
  readonly cancelTimeout: () => void;
}

const answerMs = 30_000;
const refs = 0x4000_0000;

/** The first refs of each kind of questions. Lower ones are those of holes and signals. */
export const firstRefs = { newest: 0x4000_0000, chain: 0x8000_0000, again: 0xc000_0000 } as const;

interface QuestionsDeps {
  readonly clock: Clock;
  readonly isUp: () => boolean;
  /** The first of the refs that belong to these questions alone. */
  readonly firstRef: number;
}

export function createQuestions<A>({ clock, isUp, firstRef }: QuestionsDeps): Questions<A> {
  const open = new Map<number, Question<A>>();
  let asked = 0;

  function take(ref: number): Question<A> | undefined {
    const question = open.get(ref);
    question?.cancelTimeout();
    open.delete(ref);
    return question;
  }

  const fail = (ref: number, why: ParleyError) => take(ref)?.reject(why);
  const isOpen = (ref: number, conversation: ConversationId) => open.get(ref)?.conversation === conversation;

  return {
    ask: (conversation, send) =>
      new Promise<A>((resolve, reject) => {
        if (!isUp()) return reject(noAnswer());
        const ref = firstRef + (asked++ % refs);
        const cancelTimeout = clock.after(answerMs, () => fail(ref, noAnswer()));
        open.set(ref, { conversation, resolve, reject, cancelTimeout });
        send(ref);
      }),
    isOpen,
    answer(ref, conversation, answer) {
      if (!isOpen(ref, conversation)) return false;
      take(ref)?.resolve(answer);
      return true;
    },
    refused({ ref, code, message, retryAfterMs }) {
      if (ref === undefined) return;
      const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
      fail(ref, new ParleyError(isErrorCode(code) ? code : 'bad_request', { message, ...wait }));
    },
    reset() {
      for (const ref of [...open.keys()]) fail(ref, noAnswer());
    },
  };
}

function noAnswer(): ParleyError {
  return new ParleyError('relay_unreachable', { message: 'The relay did not answer in time.' });
}
