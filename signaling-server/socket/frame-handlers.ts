/** What the relay does on each frame of an open session. */
import { encodeRelayFrame, limits, ParleyError, type ClientFrame } from '../../protocol/index.ts';
import { refuse } from '../relay/accept.ts';
import type { Attestations } from '../relay/attestations.ts';
import type { Commits } from '../relay/commits.ts';
import type { Feeder } from '../relay/feeder.ts';
import { errorFrame, say } from '../relay/frames-out.ts';
import type { PresenceBoard } from '../relay/presence.ts';
import type { RelayParts } from '../relay/relay-parts.ts';
import type { OpenSession } from '../relay/session.ts';
import type { createSignals } from '../relay/signals.ts';

export type FrameHandlers = {
  readonly [T in ClientFrame['type']]: (
    session: OpenSession,
    frame: Extract<ClientFrame, { type: T }>,
  ) => void | Promise<void>;
};

interface Acts {
  readonly commits: Commits;
  readonly feeder: Feeder;
  readonly board: PresenceBoard;
  readonly attestations: Attestations;
  readonly signal: ReturnType<typeof createSignals>;
}

/** Devices add their own spread to it. */
const busyRetryMs = 3_000;

const pong = encodeRelayFrame({ type: 'pong' });

export function createFrameHandlers(
  { uptime, settings }: RelayParts,
  { commits, feeder, board, attestations, signal }: Acts,
): FrameHandlers {
  return {
    hello(session) {
      session.wire.fail(new ParleyError('unexpected_frame', { message: 'This connection has said hello before.' }));
    },
    send(session, frame) {
      if (frame.payload.byteLength > limits.payloadBytes) {
        const message = `The message is larger than the ${limits.payloadBytes} bytes that this relay takes.`;
        return refuse(session, frame, new ParleyError('payload_too_large', { message }));
      }
      const retryAfterMs = session.person.sends.take(uptime(), settings.sendsPerSecond, settings.sendBurst);
      if (retryAfterMs > 0) {
        const message = 'You are sending faster than this relay allows. The message was not stored.';
        return refuse(session, frame, new ParleyError('rate_limited', { message, retryAfterMs }));
      }
      if (!commits.send({ session, frame })) refuse(session, frame, storeBusy());
    },
    cursor(session, frame) {
      if (!commits.move({ session, frame }))
        say(session, errorFrame(storeBusy(), { conversation: frame.conversation }));
    },
    sync: (session, frame) => feeder.sync(session, frame),
    fetch: (session, frame) => feeder.fetch(session, frame),
    attest: (session, frame) => attestations.take(session, frame),
    chain: (session, frame) => feeder.chain(session, frame),
    watch: (session, frame) => board.watch(session, frame),
    signal,
    ping: (session) => session.wire.reply(pong),
  };
}

/** The store is slow or away, and enough waits for it. */
function storeBusy(): ParleyError {
  const message = 'The relay cannot store anything right now. Parley tries again by itself.';
  return new ParleyError('unavailable', { message, retryAfterMs: busyRetryMs });
}
