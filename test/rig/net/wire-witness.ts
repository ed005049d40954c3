/** Remembers what the relay said on the wire, whether or not it arrived: each of these words must be true in the end. */
import { createHash } from 'node:crypto';
import { decodeRelayFrames, type ConversationId, type Cursor, type RelayFrame } from '../../../protocol/index.ts';

export interface Placed {
  readonly conversation: ConversationId;
  readonly seq: number;
  readonly id: string;
  readonly time: number;
  /** SHA-256 of the payload in hex; null where the relay did not say it. */
  readonly hash: string | null;
}

export interface WireWitness {
  /** @returns whether there is an `accepted` in the message. */
  take(bytes: Uint8Array): { readonly hasAnswer: boolean };
  /** What was said of each message, once for each thing said. */
  placed(): Iterable<Placed>;
  /** The relay was put back to an old copy that lacks these, and has these cursors. */
  forget(gone: readonly Placed[], cursorsOf: (conversation: ConversationId) => readonly Cursor[]): void;
  /** The furthest that was said of each member's cursor. */
  cursors(): Iterable<Cursor & { readonly conversation: ConversationId }>;
  /** Words that are no frames. */
  readonly broken: string[];
}

export function createWireWitness(): WireWitness {
  const placed = new Map<string, Placed>();
  const cursors = new Map<string, Cursor & { conversation: ConversationId }>();
  const broken: string[] = [];

  function note(message: Placed): void {
    placed.set(keyOf(message), message);
  }

  function noteCursor(conversation: ConversationId, { user, delivered, read }: Cursor): void {
    const key = `${conversation} ${user}`;
    const before = cursors.get(key);
    cursors.set(key, {
      conversation,
      user,
      delivered: Math.max(delivered, before?.delivered ?? 0),
      read: Math.max(read, before?.read ?? 0),
    });
  }

  function takeFrame(frame: RelayFrame): void {
    if (frame.type === 'accepted') note({ ...frame, hash: null });
    if (frame.type === 'deliver' || frame.type === 'fetched') {
      for (const { seq, id, time, payload } of frame.messages) {
        note({ conversation: frame.conversation, seq, id, time, hash: hashOf(payload) });
      }
    }
    if (frame.type === 'cursors') for (const cursor of frame.cursors) noteCursor(frame.conversation, cursor);
    if (frame.type === 'conversations') {
      for (const { id, cursors: all } of frame.conversations) for (const cursor of all) noteCursor(id, cursor);
    }
  }

  return {
    broken,
    placed: () => placed.values(),
    cursors: () => cursors.values(),
    forget(gone, cursorsOf) {
      for (const message of gone) placed.delete(keyOf(message));
      const known = new Set([...cursors.values()].map(({ conversation }) => conversation));
      cursors.clear();
      for (const conversation of known) for (const cursor of cursorsOf(conversation)) noteCursor(conversation, cursor);
    },
    take(bytes) {
      try {
        const frames = decodeRelayFrames(bytes);
        for (const frame of frames) takeFrame(frame);
        return { hasAnswer: frames.some(({ type }) => type === 'accepted') };
      } catch (error) {
        broken.push(String(error));
        return { hasAnswer: false };
      }
    },
  };
}

function keyOf({ conversation, seq, id, time, hash }: Placed): string {
  return `${conversation} ${seq} ${id} ${time} ${hash ?? ''}`;
}

export function hashOf(payload: Uint8Array): string {
  return createHash('sha256').update(payload).digest('hex');
}
