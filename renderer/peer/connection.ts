/** One WebRTC connection between two engines: negotiated by steps, then frames in order until either side closes. */
import Peer from 'simple-peer/simplepeer.min.js';
import { peerFrameBytes, type PeerContract } from '../../bridge/peer-contract.ts';
import type { ParsedInputOf } from '../../bridge/contract.ts';
import { ParleyError } from '../../bridge/text-rules.ts';
import { channelOf, createChannelRoom, type ChannelRoom } from './channel-room.ts';
import { createFrameJoiner, cutFrame, messageBytes } from './frames.ts';
import { largestMessageOf } from './message-size.ts';
import { pathOf, type PeerPath } from './path.ts';
import { decodeStep, encodeStep } from './steps.ts';

export interface Connection {
  step(data: string): void;
  /**
   * Uses the frame up. Resolves when there is room for the next one. @throws ParleyError `unreachable` when closed, also
   * meanwhile.
   */
  send(frame: Uint8Array): Promise<void>;
  /** @param reason for the log. Nothing happens when it is closed already. */
  close(reason: string): void;
}

export interface ConnectionOptions extends Omit<ParsedInputOf<PeerContract, 'peer.open'>, 'peer'> {
  readonly onStep: (data: string) => void;
  /** Frames come only after this. */
  readonly onOpened: (path: PeerPath) => void;
  readonly onFrame: (frame: Uint8Array) => void;
  /** Exactly once. */
  readonly onClosed: (reason: string) => void;
}

const openDeadlineMs = 20_000;
/** Chromium itself gives up a silent peer only after half a minute; a new connection is up much sooner than that. */
const silenceDeadlineMs = 7_000;
/** A negotiation takes a handful; more are an attempt to fill memory. */
const mostSteps = 256;

export function createConnection({ initiator, servers, relayed, ...events }: ConnectionOptions): Connection {
  const peer = new Peer({
    initiator,
    trickle: true,
    objectMode: true,
    channelConfig: { ordered: true },
    // Always with servers of our own, even none: simple-peer would ask strangers' otherwise.
    config: { iceServers: toIceServers(servers), iceTransportPolicy: relayed ? 'relay' : 'all' },
  });
  const join = createFrameJoiner(peerFrameBytes);
  const openTimer = setTimeout(() => close('did not open in time'), openDeadlineMs);
  let silenceTimer: ReturnType<typeof setTimeout> | undefined;
  let room: ChannelRoom | null = null;
  let mostBytes = messageBytes;
  let closed = false;
  let stepsLeft = mostSteps;
  let described = false;
  let lastSent: Promise<void> = Promise.resolve();

  function close(reason: string): void {
    if (closed) return;
    closed = true;
    clearTimeout(openTimer);
    clearTimeout(silenceTimer);
    peer.destroy();
    room?.close(unreachable());
    events.onClosed(reason);
  }

  function open(path: PeerPath): void {
    const channel = channelOf(peer);
    if (closed || !channel) return;
    clearTimeout(openTimer);
    room = createChannelRoom(channel);
    mostBytes = largestMessageOf(peer);
    events.onOpened(path);
    peer.on('data', takeMessage);
  }

  function takeMessage(message: Uint8Array | string): void {
    if (closed) return;
    try {
      if (typeof message === 'string') throw new Error('The peer sent text.');
      const frame = join(message);
      if (frame) events.onFrame(frame);
    } catch (error) {
      close(reasonOf(error));
    }
  }

  /** Only one description passes: a second one would change what was agreed on. */
  function takeStep(data: string): void {
    const step = decodeStep(data);
    if (!step || stepsLeft-- === 0) return close('the steps make no sense');
    if (step.type !== 'candidate') {
      if (described || step.type !== (initiator ? 'answer' : 'offer')) return close('the steps make no sense');
      described = true;
    }
    peer.signal(step);
  }

  async function sendNow(frame: Uint8Array): Promise<void> {
    if (closed || !room) throw unreachable();
    try {
      for (const message of cutFrame(frame, mostBytes)) peer.send(message);
    } catch (error) {
      close(reasonOf(error));
      throw unreachable();
    }
    await room.wait();
  }

  peer.on('signal', (step) => {
    const data = closed ? null : encodeStep(step);
    if (data !== null) events.onStep(data);
  });
  peer.on('connect', () => peer.getStats((_error, reports) => open(pathOf(reports ?? []))));
  peer.on('error', (error) => close(reasonOf(error)));
  peer.on('close', () => close('closed by the other side'));
  peer.on('iceStateChange', (state) => {
    clearTimeout(silenceTimer);
    if (state === 'disconnected') silenceTimer = setTimeout(() => close('fell silent'), silenceDeadlineMs);
  });

  return {
    step(data) {
      if (closed) return;
      try {
        takeStep(data);
      } catch (error) {
        close(reasonOf(error));
      }
    },
    send(frame) {
      if (frame.byteLength > peerFrameBytes)
        return Promise.reject(new ParleyError('bad_request', { message: 'The frame is too large.' }));
      const sent = lastSent.then(() => sendNow(frame));
      lastSent = sent.catch(() => {});
      return sent;
    },
    close,
  };
}

export function unreachable(): ParleyError {
  return new ParleyError('unreachable', { message: 'The other device can’t be reached directly any more.' });
}

function toIceServers(servers: ConnectionOptions['servers']): RTCIceServer[] {
  return servers.map(({ urls, username, credential }) => ({
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  }));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
