/** The connection to one device: calls, connects, carries a session, falls back to waiting, and knows when it is over. */
import { createId, type MessageId } from '../../../protocol/index.ts';
import { createBackoff } from '../connection/backoff.ts';
import type { PeerConnection } from './peer-page.ts';
import { createPeerSession, type PeerSession } from './peer-session.ts';
import type { PeersDeps, PeerSignal } from './peers.ts';
import type { SignalOrigin } from './transfers.ts';

export interface PeerDevice {
  want(): void;
  admit(): void;
  take(content: PeerSignal): void;
  session(): PeerSession | null;
  isConnecting(): boolean;
  /** Nothing is going on with it, and nothing is expected. */
  isForgotten(): boolean;
  close(): void;
}

interface PeerDeviceDeps extends PeersDeps {
  readonly origin: SignalOrigin;
  /** Nothing is left to remember of this device. */
  readonly onGone: () => void;
}

type State =
  | { readonly state: 'idle' }
  /** The other side, whose id is lower, was asked to begin. */
  | { readonly state: 'calling' }
  /** Asking the relay for the servers to connect by. */
  | { readonly state: 'preparing'; readonly name: string; readonly early: string[] }
  | { readonly state: 'connecting'; readonly name: string; readonly connection: PeerConnection }
  | {
      readonly state: 'open';
      readonly name: string;
      readonly connection: PeerConnection;
      readonly session: PeerSession;
    }
  | { readonly state: 'waiting' };

/** Steps of connections that are over may still come in. */
const rememberedNames = 32;
/** Steps that come in while the servers are asked for. */
const earlySteps = 64;
/** What one signal carries at most. */
const stepCharacters = 12 * 1024;

export function createPeerDevice(deps: PeerDeviceDeps): PeerDevice {
  const { origin, clock, timing, log, page } = deps;
  const initiates = deps.self < origin.device;
  const backoff = createBackoff(deps.random, timing.reconnect);
  const over: string[] = [];
  let current: State = { state: 'idle' };
  let cancelTimer = () => {};
  let openedAt = Number.POSITIVE_INFINITY;
  let admittedUntil = Number.NEGATIVE_INFINITY;

  const signal = (content: PeerSignal) => deps.signal(origin.conversation, content, { device: origin.device });
  const isAdmitted = () => clock.monotonic() < admittedUntil;
  const isWelcome = () => isAdmitted() || deps.isWanted(origin.device);

  function enter(next: State, ms: number, run: () => void): void {
    cancelTimer();
    current = next;
    cancelTimer = clock.after(ms, run);
  }

  function want(): void {
    if (current.state !== 'idle' || !deps.isUp()) return;
    if (initiates) return void begin(createId<MessageId>(), null);
    enter({ state: 'calling' }, timing.connectMs, () => fail('No answer.'));
    signal({ kind: 'peer-call' });
  }

  /** @param step the first step of the other side, when that one begins. */
  async function begin(name: string, step: string | null): Promise<void> {
    const early = step === null ? [] : [step];
    const asked: State = { state: 'preparing', name, early };
    enter(asked, timing.connectMs, () => fail('The relay did not tell how to connect.'));
    try {
      const ice = await deps.relay.ice();
      if (current !== asked) return;
      if (ice.direct === 'off') {
        close();
        return deps.onForbidden();
      }
      connect(name, { servers: ice.servers, relayed: ice.direct === 'turn', initiator: step === null });
      for (const each of early) stepOn(each);
    } catch (error) {
      log.info('peer.not-begun', { code: (error as { code?: string }).code });
      if (current === asked) fail('The relay did not tell how to connect.');
    }
  }

  function connect(
    name: string,
    options: Pick<Parameters<typeof page.connect>[0], 'servers' | 'relayed' | 'initiator'>,
  ): void {
    const isCurrent = () => 'connection' in current && current.connection === connection;
    const connection: PeerConnection = page.connect(
      { name, ...options },
      {
        onStep(data) {
          if (isCurrent() && data.length <= stepCharacters) signal({ kind: 'peer-step', peer: name, data });
        },
        onOpened(path) {
          if (isCurrent() && current.state === 'connecting') open(name, connection, path);
        },
        onFrame(frame) {
          if (isCurrent() && current.state === 'open') current.session.receive(frame);
        },
        onClosed(reason) {
          if (isCurrent()) fail(reason);
        },
      },
    );
    enter({ state: 'connecting', name, connection }, timing.connectMs, () => fail('It took too long.'));
  }

  function open(name: string, connection: PeerConnection, path: PeerSession['source']['path']): void {
    const session = createPeerSession({
      ...deps,
      user: origin.user,
      device: origin.device,
      path,
      send: (frame, anyOrder) => connection.send(frame, anyOrder),
      onBroken(error) {
        if (current.state !== 'open' || current.session !== session) return;
        log.warn('peer.broken', {}, error);
        fail('The connection was given up.');
      },
    });
    enter({ state: 'open', name, connection, session }, timing.idleMs / 2, lookIdle);
    openedAt = clock.monotonic();
    log.info('peer.opened', { path });
    deps.onSession(session);
  }

  function lookIdle(): void {
    if (current.state !== 'open') return;
    if (current.session.idleMs() >= timing.idleMs && !deps.isWanted(origin.device)) return close();
    cancelTimer = clock.after(timing.idleMs / 2, lookIdle);
  }

  function stepOn(data: string): void {
    if (current.state === 'preparing' && current.early.length < earlySteps) current.early.push(data);
    if (current.state === 'connecting' || current.state === 'open') current.connection.step(data);
  }

  /** Lets go of the connection, if there is one, and tells the other side. */
  function letGo(): void {
    const last = current;
    cancelTimer();
    current = { state: 'idle' };
    if (!('name' in last)) return;
    over.push(last.name);
    over.splice(0, over.length - rememberedNames);
    signal({ kind: 'peer-over', peer: last.name });
    if (!('connection' in last)) return;
    if (last.state === 'open') last.session.stop();
    last.connection.close();
  }

  /** Waits a while, then tries again if something is wanted still. */
  function fail(reason: string): void {
    log.info('peer.failed', { state: current.state, reason });
    if (current.state === 'open' && clock.monotonic() - openedAt >= timing.graceMs) backoff.reset();
    letGo();
    enter({ state: 'waiting' }, backoff.next(), again);
    deps.onLost(origin.device, origin.user);
  }

  function again(): void {
    current = { state: 'idle' };
    if (deps.isAllowed() && deps.isWanted(origin.device)) want();
    else forgetIfDone();
  }

  function close(): void {
    const hadSession = current.state === 'open';
    letGo();
    if (hadSession) deps.onLost(origin.device, origin.user);
    forgetIfDone();
  }

  const isForgotten = () => current.state === 'idle' && !isWelcome();

  function forgetIfDone(): void {
    if (isForgotten()) deps.onGone();
  }

  function takeCall(): void {
    if (!initiates || !isWelcome()) return;
    // Whoever calls has no connection: what looks open here is over.
    if (current.state === 'open') letGo();
    if (current.state === 'idle' || current.state === 'waiting') void begin(createId<MessageId>(), null);
  }

  function takeStep(name: string, data: string): void {
    if ('name' in current && current.name === name) return stepOn(data);
    if (over.includes(name)) return;
    if (initiates) return signal({ kind: 'peer-over', peer: name });
    if (!isWelcome()) return;
    // A new name of the side that begins replaces whatever there was.
    if ('name' in current) letGo();
    void begin(name, data);
  }

  return {
    want,
    admit: () => void (admittedUntil = clock.monotonic() + timing.admittedMs),
    take(content) {
      if (content.kind === 'peer-call') takeCall();
      else if (content.kind === 'peer-step') takeStep(content.peer, content.data);
      else if ('name' in current && current.name === content.peer) fail('The other side closed it.');
    },
    session: () => (current.state === 'open' ? current.session : null),
    isConnecting: () => ['calling', 'preparing', 'connecting'].includes(current.state),
    isForgotten,
    close,
  };
}
