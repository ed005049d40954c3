/** Tells the relay how far this device stored and the person read, gathered and paced so that it never floods. */
import type { ClientFrame, ConversationId, Cursor, UserId } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import { createThrottle } from '../runtime/throttle.ts';
import type { Store } from '../storage/store.ts';

export interface CursorReporter {
  /** Something was stored or read: report it if the relay does not know. */
  note(conversation: ConversationId): void;
  /** What the relay knows of one's own cursor. */
  learn(conversation: ConversationId, known: Cursor): void;
  reset(): void;
}

interface ReporterDeps {
  readonly store: Store;
  readonly self: UserId;
  readonly clock: Clock;
  readonly isUp: () => boolean;
  readonly send: (...frames: ClientFrame[]) => void;
}

const intervalMs = 200;
/** Half of what a relay takes from one device as a steady rate, to leave room for messages. */
const framesPerInterval = 20;

export function createCursorReporter({ store, self, clock, isUp, send }: ReporterDeps): CursorReporter {
  const known = new Map<ConversationId, { delivered: number; read: number }>();
  const dirty = new Set<ConversationId>();
  const throttle = createThrottle(clock, intervalMs, report);

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

  return {
    note(conversation) {
      dirty.add(conversation);
      throttle.trigger();
    },
    learn(conversation, { delivered, read }) {
      known.set(conversation, { delivered, read });
    },
    reset() {
      throttle.cancel();
      known.clear();
      dirty.clear();
    },
  };
}
