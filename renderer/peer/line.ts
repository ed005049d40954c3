/** One WebRTC connection with its data channel: negotiated by steps, then frames and short texts in order. */
import Peer from 'simple-peer/simplepeer.min.js';
import { peerFrameBytes, type PeerContract } from '../../bridge/peer-contract.ts';
import type { ParsedInputOf } from '../../bridge/contract.ts';
import { channelOf, type WatchedChannel } from './channel-room.ts';
import { createFrameJoiner, cutFrame, messageBytes } from './frames.ts';
import { largestMessageOf } from './message-size.ts';
import { pathOf, type PeerPath } from './path.ts';
import { toStep, type Step } from './steps.ts';

export type LineSettings = Omit<ParsedInputOf<PeerContract, 'peer.open'>, 'peer'>;

export interface LineEvents {
  readonly onStep: (step: Step) => void;
  /** Frames come only after this. @param channel to be watched for room. */
  readonly onOpened: (path: PeerPath, channel: WatchedChannel) => void;
  readonly onFrame: (frame: Uint8Array) => void;
  /** What the other side said. @throws when it makes no sense: the line closes. */
  readonly onSaid: (text: string) => void;
  /** Exactly once. */
  readonly onClosed: (reason: string) => void;
}

export interface Line {
  step(step: Step): void;
  /** Uses the frame up. @throws when the line is not open, or takes no more. */
  send(frame: Uint8Array): void;
  /** As `send`. */
  say(text: string): void;
  /** @param reason for the log. Nothing happens when it is closed already. */
  close(reason: string): void;
}

export type OpenLine = (settings: LineSettings, events: LineEvents) => Line;

const openDeadlineMs = 20_000;
/** Chromium itself gives up a silent peer only after half a minute; a new connection is up much sooner than that. */
const silenceDeadlineMs = 7_000;
/** A negotiation takes a handful; more are an attempt to fill memory. */
const mostSteps = 256;

export const openLine: OpenLine = ({ initiator, servers, relayed }, events) => {
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
  let mostBytes = messageBytes;
  let closed = false;
  let stepsLeft = mostSteps;
  let described = false;

  function close(reason: string): void {
    if (closed) return;
    closed = true;
    clearTimeout(openTimer);
    clearTimeout(silenceTimer);
    peer.destroy();
    events.onClosed(reason);
  }

  function open(path: PeerPath): void {
    const channel = channelOf(peer);
    if (closed || !channel) return;
    clearTimeout(openTimer);
    mostBytes = largestMessageOf(peer);
    events.onOpened(path, channel);
    peer.on('data', takeMessage);
  }

  function takeMessage(message: Uint8Array | string): void {
    if (closed) return;
    try {
      if (typeof message === 'string') return events.onSaid(message);
      const frame = join(message);
      if (frame) events.onFrame(frame);
    } catch (error) {
      close(reasonOf(error));
    }
  }

  /** Only one description passes: a second one would change what was agreed on. */
  function takeStep(step: Step): void {
    if (stepsLeft-- === 0) return close('the steps make no sense');
    if (step.type !== 'candidate') {
      if (described || step.type !== (initiator ? 'answer' : 'offer')) return close('the steps make no sense');
      described = true;
    }
    peer.signal(step);
  }

  function sendAll(messages: Iterable<Uint8Array | string>): void {
    if (closed) throw new Error('The line is closed.');
    try {
      for (const message of messages) peer.send(message);
    } catch (error) {
      close(reasonOf(error));
      throw error;
    }
  }

  peer.on('signal', (said) => {
    const step = closed ? null : toStep(said);
    if (step) events.onStep(step);
  });
  peer.on('connect', () => peer.getStats((_error, reports) => open(pathOf(reports ?? []))));
  peer.on('error', (error) => close(reasonOf(error)));
  peer.on('close', () => close('closed by the other side'));
  peer.on('iceStateChange', (state) => {
    clearTimeout(silenceTimer);
    if (state === 'disconnected') silenceTimer = setTimeout(() => close('fell silent'), silenceDeadlineMs);
  });

  return {
    step(step) {
      if (closed) return;
      try {
        takeStep(step);
      } catch (error) {
        close(reasonOf(error));
      }
    },
    send: (frame) => sendAll(cutFrame(frame, mostBytes)),
    say: (text) => sendAll([text]),
    close,
  };
};

function toIceServers(servers: LineSettings['servers']): RTCIceServer[] {
  return servers.map(({ urls, username, credential }) => ({
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  }));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
