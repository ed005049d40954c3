/** Tells the relay how far this device stored and the person read, gathered and paced so that it never floods. */
import {
  errorTable,
  isErrorCode,
  type ClientFrame,
  type ConversationId,
  type Cursor,
  type UserId,
} from '../../../protocol/index.ts';
import { createBackoff, waitWithinReason } from '../connection/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import { createThrottle } from '../runtime/throttle.ts';
import type { Store } from '../storage/store.ts';

export interface CursorReporter {
  /** Something was stored or read: report it if the relay does not know. */
  note(conversation: ConversationId): void;
  /** What the relay knows of one's own cursor. */
  learn(conversation: ConversationId, known: Cursor): void;
  /** The relay did not keep what it was told of this conversation. Where that may help it is told again, in a while. */
  refused(conversation: ConversationId, code: string, retryAfterMs?: number): void;
  reset(): void;
}

interface ReporterDeps {
  readonly store: Store;
  readonly self: UserId;
  readonly clock: Clock;
  readonly random: () => number;
  readonly isUp: () => boolean;
  readonly send: (...frames: ClientFrame[]) => void;
}

const intervalMs = 200;
/** Half of what a relay takes from one device as a steady rate, to leave room for messages. */
const framesPerInterval = 20;
/** Before what a relay could not keep is told again. */
const pauses = { firstMs: 2_000, longestMs: 60_000 };

export function createCursorReporter(deps: ReporterDeps): CursorReporter {
  const { store, self, clock, random, isUp, send } = deps;
  const known = new Map<ConversationId, { delivered: number; read: number }>();
  const dirty = new Set<ConversationId>();
  const throttle = createThrottle(clock, intervalMs, report);
  const refused = new Set<ConversationId>();
  const backoff = createBackoff(random, pauses);
  let cancelPause: (() => void) | null = null;

  function report(): void {
    if (!isUp()) return;
    const frames: ClientFrame[] = [];
    for (const conversation of dirty) {
      if (frames.length >= framesPerInterval) break;
      dirty.delete(conversation);
      const frame = frameFor(conversation);
      if (frame) frames.push(frame);
    }
    send(...frames);
    if (dirty.size > 0) throttle.trigger();
  }

  function frameFor(conversation: ConversationId): ClientFrame | null {
    const position = store.conversations.position(conversation);
    if (!position) return null;
    const told = known.get(conversation) ?? { delivered: 0, read: 0 };
    const { read } = store.conversations.cursorOf(conversation, self);
    const delivered = Math.max(position.stored, read);
    if (delivered <= told.delivered && read <= told.read) return null;
    known.set(conversation, { delivered: Math.max(delivered, told.delivered), read: Math.max(read, told.read) });
    return {
      type: 'cursor',
      conversation,
      ...(delivered > told.delivered ? { delivered } : {}),
      ...(read > told.read ? { read } : {}),
    };
  }

  function tellAgain(): void {
    cancelPause = null;
    for (const conversation of refused) dirty.add(conversation);
    refused.clear();
    throttle.trigger();
  }

  return {
    note(conversation) {
      dirty.add(conversation);
      throttle.trigger();
    },
    learn(conversation, { delivered, read }) {
      known.set(conversation, { delivered, read });
      backoff.reset();
    },
    refused(conversation, code, retryAfterMs) {
      if (!isErrorCode(code) || !errorTable[code].retry) return;
      known.delete(conversation);
      refused.add(conversation);
      const ms = retryAfterMs === undefined ? 0 : waitWithinReason(retryAfterMs);
      cancelPause ??= clock.after(Math.max(ms, backoff.next()), tellAgain);
    },
    reset() {
      throttle.cancel();
      cancelPause?.();
      cancelPause = null;
      backoff.reset();
      known.clear();
      dirty.clear();
      refused.clear();
    },
  };
}
