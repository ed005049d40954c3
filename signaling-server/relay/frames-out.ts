/** Encodes what the relay says; a frame for many sockets is encoded once. */
import { encodeRelayFrame, type ErrorCode, type ParleyError, type RelayFrame } from '../../protocol/index.ts';
import type { Session } from './session.ts';

export function say(session: Session, frame: RelayFrame): void {
  if (session.state === 'open') session.wire.send(encodeRelayFrame(frame));
}

type ErrorFrame = Extract<RelayFrame, { type: 'error' }>;

/** The frame for an error after which the connection goes on, or that comes right before its close. */
export function errorFrame(error: ParleyError, about: Pick<ErrorFrame, 'ref' | 'conversation'> = {}): ErrorFrame {
  const { code, message, retryAfterMs } = error;
  return { type: 'error', code, message, ...about, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** What people are told. `not_found` has the same words for what does not exist and for what is not the asker's to see. */
export const refusals = {
  not_found: 'There is no such conversation, or you are not a member of it.',
  message_id_taken: 'Another member sent a message with this id. Send yours with a fresh id.',
  stale_epoch: 'The members of this conversation have changed. Take its present epoch and send again.',
  seq_ahead: 'This conversation has no message of that number yet. Sync first.',
} as const satisfies Partial<Record<ErrorCode, string>>;

/** Encodes a note's frame when it is met first; a note goes to all its receivers one after another. */
export function createSharedEncoder() {
  let lastKey: object | null = null;
  let lastBytes: Uint8Array = new Uint8Array();
  return (key: object, frame: () => RelayFrame): Uint8Array => {
    if (key !== lastKey) {
      lastBytes = encodeRelayFrame(frame());
      lastKey = key;
    }
    return lastBytes;
  };
}
