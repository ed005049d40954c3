/** Keeps the one link to the relay up: connects, waits, tries again, and knows when trying does not help. */
import type { ConnectionView, FaultView } from '../../../bridge/views.ts';
import {
  errorTable,
  ParleyError,
  paths,
  type ClientFrame,
  type ErrorCode,
  type RelayFrame,
} from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { createThrottle } from '../runtime/throttle.ts';
import { socketUrl } from './address.ts';
import { createBackoff, waitWithinReason } from './backoff.ts';
import { openLink, type Link, type Welcome } from './link.ts';
import type { SocketFactory } from './socket.ts';

type State =
  | { readonly state: 'offline' }
  | { readonly state: 'connecting'; readonly link: Link }
  | { readonly state: 'syncing'; readonly link: Link; received: number; readonly total: number }
  | { readonly state: 'online'; readonly link: Link }
  | { readonly state: 'waiting'; readonly fault: FaultView; readonly retryAt: number; readonly cancel: () => void }
  | { readonly state: 'stopped'; readonly fault: FaultView };

export type SessionEnd = 'revoked' | 'erased' | 'disabled';

/** What ends a session, of all that ends a connection. */
const sessionEnds = new Map<ErrorCode, SessionEnd>([
  ['unauthenticated', 'revoked'],
  ['device_revoked', 'erased'],
  ['account_disabled', 'disabled'],
]);

export interface ConnectionEvents {
  /** Throws a ParleyError to refuse this relay. */
  onWelcome(welcome: Welcome): void;
  onFrames(frames: readonly RelayFrame[]): void;
  /** The link is gone; what was in flight is undecided. */
  onDown(): void;
  onChanged(view: ConnectionView): void;
  /** The relay does not know this session any more; `erased`: it was ended for good, and nothing is to stay here. */
  onSessionEnded(reason: SessionEnd): void;
}

export interface ConnectionOptions {
  readonly base: string;
  readonly token: string;
  readonly appVersion: string;
  readonly generation: () => number;
  /** Runs before a session counts as ended: throws `different_relay` when the address is now somebody else's. */
  readonly confirmRelay: () => Promise<void>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly openSocket: SocketFactory;
  readonly events: ConnectionEvents;
}

export interface Connection {
  view(): ConnectionView;
  isUp(): boolean;
  start(): void;
  /** Tries now instead of waiting. */
  retry(): void;
  /** The computer woke up or the network changed. */
  wake(): void;
  /** Dropped when there is no link: whatever matters is sent again after the next welcome. */
  send(...frames: readonly ClientFrame[]): void;
  pause(): void;
  resume(): void;
  beginSync(total: number): void;
  progress(messages: number): void;
  finishSync(): void;
  /** Lets the link go, if there is one, and comes back after the usual wait. */
  drop(why: ParleyError): void;
  stop(): void;
}

/** A link that held for so long counts as a success: the next failure starts with a short wait again. */
const stableMs = 10_000;
/** What looks like a wrong server may be a hotel's log-in page: looked at again, but seldom. */
const seldomMs = 30_000;
const progressMs = 200;
const hopeless = new Set(['different_relay', 'unsupported_version', 'replaced', 'storage_newer']);

export function createConnection(options: ConnectionOptions): Connection {
  const { base, token, appVersion, clock, random, log, openSocket, events } = options;
  const backoff = createBackoff(random);
  const progressThrottle = createThrottle(clock, progressMs, () => events.onChanged(view()));
  let current: State = { state: 'offline' };
  let upSince: number | null = null;

  function view(): ConnectionView {
    switch (current.state) {
      case 'syncing':
        return { state: 'syncing', received: Math.min(current.received, current.total), total: current.total };
      case 'waiting':
        return { state: 'waiting', fault: current.fault, retryAt: current.retryAt };
      case 'stopped':
        return { state: 'stopped', fault: current.fault };
      default:
        return { state: current.state };
    }
  }

  function enter(next: State): void {
    progressThrottle.cancel();
    current = next;
    log.info('connection.changed', { state: next.state, ...('fault' in next ? { code: next.fault.code } : {}) });
    events.onChanged(view());
  }

  const linkOf = (state: State): Link | null => ('link' in state ? state.link : null);

  function connect(): void {
    if (linkOf(current)) return;
    if (current.state === 'waiting') current.cancel();
    const link = openLink({
      url: socketUrl(base, paths.socket),
      base,
      token,
      generation: options.generation(),
      appVersion,
      clock,
      openSocket,
      events: {
        onWelcome: (welcome) => greet(link, welcome),
        onFrames: (frames) => {
          if (linkOf(current) === link) events.onFrames(frames);
        },
        onDown: (why) => {
          if (linkOf(current) === link) void fallBack(why);
        },
      },
    });
    enter({ state: 'connecting', link });
  }

  function greet(link: Link, welcome: Welcome): void {
    if (linkOf(current) !== link) return;
    upSince = clock.monotonic();
    try {
      events.onWelcome(welcome);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      drop(error);
    }
  }

  function drop(why: ParleyError): void {
    const link = linkOf(current);
    if (!link) return;
    link.close();
    void fallBack(why);
  }

  /** The link is gone: decides whether to wait, to stop, or to tell that the session ended. */
  async function fallBack(why: ParleyError): Promise<void> {
    if (upSince !== null && clock.monotonic() - upSince >= stableMs) backoff.reset();
    upSince = null;
    const fault = faultOf(why);
    const hadLink = linkOf(current) !== null;
    if (hopeless.has(why.code)) enter({ state: 'stopped', fault });
    else wait(why, fault);
    if (hadLink) events.onDown();
    const end = sessionEnds.get(why.code);
    if (end) await endSession(end);
  }

  function wait(why: ParleyError, fault: FaultView): void {
    const delay = delayAfter(why);
    const cancel = clock.after(delay, connect);
    enter({ state: 'waiting', fault, retryAt: clock.now() + Math.round(delay), cancel });
  }

  function delayAfter(why: ParleyError): number {
    const usual = backoff.next();
    if (why.retryAfterMs !== undefined)
      return Math.max(usual, waitWithinReason(why.retryAfterMs) * (1 + random() * 0.5));
    return errorTable[why.code].retry ? usual : Math.max(usual, seldomMs * (1 + random()));
  }

  /** A relay that replaced ours would not know the token either: that must not look like a revoked session. */
  async function endSession(reason: SessionEnd): Promise<void> {
    const asked = current;
    try {
      await options.confirmRelay();
      if (current !== asked) return;
      stop();
      events.onSessionEnded(reason);
    } catch (error) {
      if (current !== asked || !(error instanceof ParleyError) || error.code !== 'different_relay') return;
      if (asked.state === 'waiting') asked.cancel();
      enter({ state: 'stopped', fault: faultOf(error) });
    }
  }

  function stop(): void {
    const link = linkOf(current);
    if (current.state === 'waiting') current.cancel();
    link?.close();
    if (current.state !== 'offline') enter({ state: 'offline' });
    if (link) events.onDown();
  }

  return {
    view,
    isUp: () => current.state === 'online' || current.state === 'syncing',
    start: connect,
    retry() {
      if (current.state !== 'waiting' && current.state !== 'stopped') return;
      backoff.reset();
      connect();
    },
    wake() {
      if (current.state === 'waiting') connect();
      else linkOf(current)?.probe();
    },
    send: (...frames) => linkOf(current)?.send(...frames),
    pause: () => linkOf(current)?.pause(),
    resume: () => linkOf(current)?.resume(),
    beginSync(total) {
      if (current.state === 'connecting') enter({ state: 'syncing', link: current.link, received: 0, total });
    },
    progress(messages) {
      if (current.state !== 'syncing') return;
      current.received += messages;
      progressThrottle.trigger();
    },
    finishSync() {
      if (current.state === 'syncing' || current.state === 'connecting') enter({ state: 'online', link: current.link });
    },
    drop,
    stop,
  };
}

function faultOf({ code, message }: ParleyError): FaultView {
  return { code, message };
}
