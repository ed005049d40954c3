/** One connection to the relay: greets, decodes, and ends when the other side is gone. */
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
import { Heartbeat } from './heartbeat.ts';
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
  /** One WebSocket message; silently dropped once the link is down. After a silence it is found out whether anybody hears. */
  send(...frames: readonly ClientFrame[]): void;
  /** Finds out within seconds whether the link still lives, such as after the computer slept. */
  probe(): void;
  pause(): void;
  resume(): void;
  /** Ends the link; `onDown` is not called any more. */
  close(): void;
}

const greetingMs = 10_000;
const goingAwayClose = 1001;

export function openLink({ url, base, token, generation, appVersion, clock, openSocket, events }: LinkOptions): Link {
  let down = false;
  let welcome: Welcome | null = null;
  let fault: ParleyError | null = null;
  const cancelGreeting = clock.after(greetingMs, () => fail(silenceFault(base)));
  const heartbeat = new Heartbeat({
    clock,
    ping: () => send({ type: 'ping' }),
    onDead: () => fail(silenceFault(base)),
  });

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
    heartbeat.said();
    socket.send(joinFrames(frames.map(encodeClientFrame)));
  }

  function receive(bytes: Uint8Array): void {
    if (down) return;
    heartbeat.heard();
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
    cancelGreeting();
    heartbeat.start(frame);
    events.onWelcome(frame);
  }

  function fail(why: ParleyError): void {
    if (down) return;
    stop();
    socket.terminate();
    events.onDown(why);
  }

  function stop(): void {
    down = true;
    cancelGreeting();
    heartbeat.stop();
  }

  return {
    send(...frames) {
      // A message of its own, ahead: the answer does not wait until a large one is through.
      heartbeat.aboutToSay();
      send(...frames);
    },
    probe: () => heartbeat.probe(),
    pause() {
      heartbeat.pause();
      socket.pause();
    },
    resume() {
      heartbeat.resume();
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
