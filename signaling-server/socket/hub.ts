/** The relay's sockets: takes connections in, reads their frames, and lets them go in good order. */
import { encodeRelayFrame, errorTable, ParleyError, type ErrorCode } from '../../protocol/index.ts';
import type { RawData, WebSocket } from 'ws';
import { Attestations } from '../relay/attestations.ts';
import { createChainAnswers } from '../relay/chain.ts';
import { createCommits } from '../relay/commits.ts';
import { createDelivery, replace, type Delivery } from '../relay/deliver.ts';
import { createFeeder } from '../relay/feeder.ts';
import { Departures } from '../relay/departures.ts';
import { LastSeen } from '../relay/last-seen.ts';
import { People } from '../relay/people.ts';
import { PresenceBoard } from '../relay/presence.ts';
import { startPresenceChecks } from '../relay/presence-checks.ts';
import type { RelayParts } from '../relay/relay-parts.ts';
import type { OpenSession } from '../relay/session.ts';
import { startLossSweep } from '../relay/loss-sweep.ts';
import { createSignals } from '../relay/signals.ts';
import { createWhereabouts } from '../relay/whereabouts.ts';
import { Addresses } from './addresses.ts';
import { Connection } from './connection.ts';
import { doneWithin } from '../runtime/within.ts';
import { createFrameHandlers } from './frame-handlers.ts';
import { createReader } from './frame-reader.ts';
import { createGreeter } from './greeting.ts';
import { createSweep } from './sweep.ts';
import { LookList } from './look-list.ts';
import { WriteQueue } from './write-queue.ts';

export interface Goodbye {
  readonly code: ErrorCode;
  readonly message: string;
  /** By when devices should be back: each is told its share of it. */
  readonly retryAfterMs: number;
  /** How long sockets may take to close; then they are cut. */
  readonly timeoutMs: number;
}

export interface HubCounts {
  readonly connections: number;
  readonly greetings: number;
  readonly sessions: number;
  readonly users: number;
}

export interface Hub {
  /** Takes over a socket that was just upgraded. Each socket's faults are its own: nothing is thrown. */
  accept(ws: WebSocket, remoteAddress: string): void;
  /** Takes no more sockets, answers what was sent, says goodbye and closes; resolves when all are gone. */
  drain(goodbye: Goodbye): Promise<void>;
  counts(): HubCounts;
}

const sweepEveryMs = 1_000;
/** Shares of the time by which devices are to be back. */
const goodbyeSteps = 64;
/** Even where a store that hangs has used up the time: for sockets to hear the goodbye, and for the last words about them. */
const leastClosingMs = 1_000;
const leastSettlingMs = 3_000;

export function createHub(parts: RelayParts): Hub {
  const { clock, uptime, settings, bus, metrics, log } = parts;
  const writes = new WriteQueue();
  const addresses = new Addresses(settings);
  const connections = new LookList<Connection>();
  const connectionOf = new WeakMap<WebSocket, Connection>();
  const lastSeen = new LastSeen(parts);
  const people = new People({
    bus,
    sendBurst: settings.sendBurst,
    hear: (person, note) => delivery.toPerson(person, note),
  });
  const board = new PresenceBoard(parts, createWhereabouts(parts, people, lastSeen));
  const departures = new Departures(parts, board);
  const attestations = new Attestations(parts);
  const feeder = createFeeder(parts, {
    refreshPeople: (session) => board.refresh(session),
    answerChain: createChainAnswers(parts, attestations),
    listed: (session, conversations) => delivery.order.listed(session, conversations),
  });
  board.useFeeder(feeder);
  const delivery: Delivery = createDelivery(parts, feeder, board);
  const commits = createCommits(parts, () => writes.flush());
  const handlers = createFrameHandlers(parts, { commits, feeder, board, attestations, signal: createSignals(parts) });
  const read = createReader(parts, handlers, createGreeter(parts, people, open));
  const sweep = setInterval(createSweep(parts, { connections, feeder, lastSeen, attestations }), sweepEveryMs).unref();
  const stopWatchingBus = watchBus();
  const host = {
    maxBufferedBytes: settings.maxBufferedBytes,
    writeSoon: (connection: Connection) => writes.add(connection),
    lookSoon: (connection: Connection) => connections.soon(connection),
    left,
    heardPong,
  };
  let draining: Goodbye | null = null;
  let allGone = (): void => {};
  metrics.gauge('commit_waiting', 'Messages and cursors that wait for their commit.', () => commits.waiting);
  metrics.gauge('attestations_waiting', 'What devices signed off and is not stored yet.', () => attestations.waiting);

  function accept(ws: WebSocket, remoteAddress: string): void {
    const refusal = draining
      ? new ParleyError(draining.code, { message: draining.message })
      : addresses.refusal(remoteAddress);
    const connection = new Connection(ws, remoteAddress, host, uptime());
    connectionOf.set(ws, connection);
    connections.add(connection);
    addresses.opened(remoteAddress);
    metrics.socketOpened();
    ws.on('message', onMessage);
    ws.on('close', onClose);
    ws.on('error', onError);
    if (refusal) connection.fail(refusal);
  }

  // Shared by all sockets: `this` is the one it happened to.
  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    const connection = connectionOf.get(this);
    if (connection) read(connection, data, isBinary);
  }

  function heardPong(this: WebSocket): void {
    connectionOf.get(this)?.hear(uptime());
  }

  function onClose(this: WebSocket, code: number): void {
    const connection = connectionOf.get(this);
    if (!connection) return;
    connection.leave(code);
    connections.remove(connection);
    if (connections.size === 0) allGone();
  }

  /** The library closes the socket itself; all that is left to do is to say so. */
  function onError(this: WebSocket, error: Error): void {
    log.debug('socket.failed', { address: connectionOf.get(this)?.address, reason: error.message });
  }

  function open(connection: Connection, session: OpenSession): void {
    const { user, device, openedAt } = session;
    const older = people.sessionOf(user, device);
    connection.session = session;
    addresses.greeted(connection.address);
    metrics.sessionOpened();
    // The new one is there before the old one goes: the user does not seem to leave in between.
    const first = people.add(session);
    if (older) replace(older);
    bus.publish(`device:${device}`, { type: 'replaced', at: openedAt });
    session.leave = bus.subscribe(`device:${device}`, (note) => delivery.toDevice(session, note));
    if (first) board.cameOnline(user);
    log.debug('session.opened', { user, device });
  }

  function left(connection: Connection): void {
    const { session, address, closeCode } = connection;
    connections.soon(connection);
    addresses.closed(address, session.state !== 'open');
    metrics.socketClosed(closeCode, session.state === 'open');
    if (session.state !== 'open') return;
    const { user, device } = session;
    session.leave();
    board.stop(session);
    lastSeen.note(user, device, clock());
    log.debug('session.closed', { user, device, closeCode });
    if (!people.remove(session)) return;
    if (draining) departures.note(user, clock());
    else board.wentOffline(user);
  }

  /** What a bus between nodes makes necessary. */
  function watchBus(): () => void {
    if (bus.isLocal) return () => {};
    const lossSweep = startLossSweep({ parts, people, order: delivery.order, feeder });
    const stopChecking = startPresenceChecks(bus, board);
    return () => {
      lossSweep.stop();
      stopChecking();
      board.close();
    };
  }

  return {
    accept,
    counts() {
      const { connections, greetings } = addresses;
      return { connections, greetings, sessions: people.sessions, users: people.users };
    },
    async drain(goodbye) {
      draining = goodbye;
      const began = performance.now();
      const leftMs = (least: number) => Math.max(least, goodbye.timeoutMs - (performance.now() - began));
      // A store that does not answer must not keep the relay from stopping.
      await doneWithin(commits.settled(), leftMs(0));
      const goneFrom = performance.now();
      sayGoodbye(goodbye);
      await allClosed(leftMs(leastClosingMs));
      clearInterval(sweep);
      stopWatchingBus();
      const settled = Promise.all([lastSeen.flush(), attestations.flush()]);
      const told = departures.tell(performance.now() - goneFrom);
      await doneWithin(Promise.all([settled, told]), leftMs(leastSettlingMs));
    },
  };

  /** Devices are asked to come back one after another, so that the other nodes are not met by all at once. */
  function sayGoodbye({ code, message, retryAfterMs }: Goodbye): void {
    const steps = Math.min(goodbyeSteps, Math.max(1, connections.size));
    const frames = Array.from({ length: steps }, (_, step) =>
      encodeRelayFrame({
        type: 'goodbye',
        code,
        message,
        retryAfterMs: Math.ceil((retryAfterMs * (step + 1)) / steps),
      }),
    );
    let at = 0;
    for (const connection of connections) {
      const frame = frames[at++ % steps];
      if (frame) connection.send(frame);
      connection.end(errorTable[code].close ?? errorTable.going_away.close, message);
    }
  }

  function cutAll(): void {
    for (const { ws } of connections) ws.terminate();
  }

  async function allClosed(timeoutMs: number): Promise<void> {
    if (connections.size === 0) return;
    await new Promise<void>((resolve) => {
      allGone = resolve;
      setTimeout(() => cutAll(), timeoutMs).unref();
    });
  }
}
