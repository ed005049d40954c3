/** One connection to the relay: greets, decodes, keeps the heartbeat, and notices when the other side is gone. */
import {
  decodeRelayFrames,
  encodeClientFrame,
  joinFrames,
  ParleyError,
  protocolVersions,
  type ClientFrame,
  type FrameOf,
  type RelayFrame,
} from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import { closeFault, endsConnection, faultOfFrame, refusalFault, silenceFault } from './link-faults.ts';
import { networkFault } from './network-faults.ts';
import type { Socket, SocketFactory } from './socket.ts';

export type Welcome = FrameOf<RelayFrame, 'welcome'>;

export interface LinkEvents {
  onWelcome(welcome: Welcome): void;
  /** Frames after `welcome`, in the order they came; `pong` and `goodbye` are kept back. */
  onFrames(frames: readonly RelayFrame[]): void;
  /** Called once, also for a connection that never came about. */
  onDown(why: ParleyError): void;
}

export interface LinkOptions {
  readonly url: string;
  /** Base URL of the relay, for words. */
  readonly base: string;
  readonly token: string;
  readonly generation: number;
  readonly appVersion: string;
  readonly clock: Clock;
  readonly openSocket: SocketFactory;
  readonly events: LinkEvents;
}

export interface Link {
  /** One WebSocket message; silently dropped once the link is down. */
  send(...frames: readonly ClientFrame[]): void;
  /** Finds out within seconds whether the link still lives, such as after the computer slept. */
  probe(): void;
  pause(): void;
  resume(): void;
  /** Ends the link; `onDown` is not called any more. */
  close(): void;
}

type HeartbeatTiming = Pick<Welcome, 'heartbeatMs' | 'deadAfterMs'>;

const greetingMs = 10_000;
const probeMs = 4_000;
const goingAwayClose = 1001;

export function openLink({ url, base, token, generation, appVersion, clock, openSocket, events }: LinkOptions): Link {
  let down = false;
  let welcome: Welcome | null = null;
  let fault: ParleyError | null = null;
  let lastSent = clock.monotonic();
  let lastHeard = clock.monotonic();
  let heard = 0;
  let paused = false;
  let cancelTimer = clock.after(greetingMs, () => fail(silenceFault(base)));

  const socket: Socket = openSocket(url, {
    onOpen() {
      const client = { name: 'Parley', version: appVersion };
      const features = ['devices'];
      send({ type: 'hello', versions: [...protocolVersions], token, generation, client, features });
    },
    onMessage: receive,
    onRefused: (status, retryAfterMs) => (fault ??= refusalFault(base, status, retryAfterMs)),
    onError: (error) => (fault ??= networkFault(error, base)),
    onClose: (code) => fail(fault ?? closeFault(base, code)),
  });

  function send(...frames: readonly ClientFrame[]): void {
    if (down || frames.length === 0) return;
    lastSent = clock.monotonic();
    socket.send(joinFrames(frames.map(encodeClientFrame)));
  }

  function receive(bytes: Uint8Array): void {
    if (down) return;
    lastHeard = clock.monotonic();
    heard++;
    try {
      const frames = decodeRelayFrames(bytes).filter((frame) => !takeForLink(frame));
      if (welcome && frames.length > 0 && !down) events.onFrames(frames);
    } catch (error) {
      fail(error instanceof ParleyError ? error : networkFault(error, base));
    }
  }

  function takeForLink(frame: RelayFrame): boolean {
    if (frame.type === 'pong') return true;
    if (frame.type === 'goodbye') fault = faultOfFrame(frame);
    else if (frame.type === 'error' && endsConnection(frame)) fault = faultOfFrame(frame);
    else if (frame.type === 'welcome' && !welcome) greet(frame);
    else return false;
    return true;
  }

  function greet(frame: Welcome): void {
    welcome = frame;
    cancelTimer();
    watchHeartbeat(frame);
    events.onWelcome(frame);
  }

  /** One timer serves both directions: it runs when the next ping is due or the link would count as dead. */
  function watchHeartbeat(timing: HeartbeatTiming): void {
    const { heartbeatMs, deadAfterMs } = timing;
    const now = clock.monotonic();
    if (paused) lastHeard = now;
    if (now - lastHeard >= deadAfterMs) return fail(silenceFault(base));
    if (now - lastSent >= heartbeatMs) send({ type: 'ping' });
    const wait = Math.min(lastSent + heartbeatMs - now, lastHeard + deadAfterMs - now);
    cancelTimer = clock.after(Math.max(50, wait), () => watchHeartbeat(timing));
  }

  function fail(why: ParleyError): void {
    if (down) return;
    stop();
    socket.terminate();
    events.onDown(why);
  }

  function stop(): void {
    down = true;
    cancelTimer();
  }

  return {
    send,
    probe() {
      if (down || !welcome) return;
      const heardBefore = heard;
      send({ type: 'ping' });
      clock.after(probeMs, () => {
        if (!paused && heard === heardBefore) fail(silenceFault(base));
      });
    },
    pause() {
      paused = true;
      socket.pause();
    },
    resume() {
      paused = false;
      socket.resume();
    },
    close() {
      if (down) return;
      stop();
      socket.close(goingAwayClose);
      clock.after(1_000, () => socket.terminate());
    },
  };
}
