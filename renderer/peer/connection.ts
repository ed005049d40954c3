/**
 * A connection between two engines: negotiated by steps, then frames until either side closes. It begins as one line; while
 * much moves, more are added, negotiated over the first one. Frames whose order matters stay on that.
 */
import { peerFrameBytes } from '../../bridge/peer-contract.ts';
import { ParleyError } from '../../bridge/text-rules.ts';
import { createChannelRoom, type WatchedChannel } from './channel-room.ts';
import { createGrowth } from './growth.ts';
import { openLine, type Line, type LineSettings, type OpenLine } from './line.ts';
import type { PeerPath } from './path.ts';
import { decodeLineStep, decodeStep, type LineStep, type Step } from './steps.ts';

export interface Connection {
  step(data: string): void;
  /**
   * Uses the frame up. Resolves when there is room for the next one. @throws ParleyError `unreachable` when closed, also
   * meanwhile. @param anyOrder whether it may arrive before frames sent earlier, or after later ones.
   */
  send(frame: Uint8Array, anyOrder: boolean): Promise<void>;
  /** @param reason for the log. Nothing happens when it is closed already. */
  close(reason: string): void;
}

export interface ConnectionOptions extends LineSettings {
  readonly onStep: (data: string) => void;
  /** Frames come only after this. */
  readonly onOpened: (path: PeerPath) => void;
  readonly onFrame: (frame: Uint8Array) => void;
  /** Exactly once. */
  readonly onClosed: (reason: string) => void;
}

export interface ConnectionParts {
  readonly openLine: OpenLine;
  /** Milliseconds that only go up. */
  readonly now: () => number;
}

/** Lines of one connection: a third more than one gives, where two cores are all there is; eight give a tenth more than four. */
export const mostLines = 4;

interface OpenedLine {
  readonly line: Line;
  readonly channel: WatchedChannel;
}

export function createConnection(
  { initiator, servers, relayed, ...events }: ConnectionOptions,
  parts: ConnectionParts = { openLine, now: () => performance.now() },
): Connection {
  const room = createChannelRoom();
  const growth = createGrowth(parts.now);
  /** Those after the first, by their numbers, until they end. */
  const further = new Map<number, Line>();
  const opened: OpenedLine[] = [];
  /** What the other side takes; it has said nothing yet. */
  let most = 1;
  /** Of the last line that was begun here. */
  let lastNumber = 0;
  let mayGrow = false;
  let closed = false;
  let lastSent: Promise<void> = Promise.resolve();

  const first = parts.openLine(
    { initiator, servers, relayed },
    {
      onStep: (step) => events.onStep(JSON.stringify(withLines(step))),
      onOpened(path, channel) {
        room.add(channel);
        opened.push({ line: first, channel });
        // A TURN server is somebody's to pay for, and counts what it is asked to hold.
        mayGrow = initiator && path === 'direct';
        events.onOpened(path);
      },
      onFrame: takeFrame,
      onSaid(text) {
        const said = decodeLineStep(text);
        if (!said) throw new Error('The peer said what makes no sense.');
        takeLineStep(said);
      },
      onClosed: close,
    },
  );

  function close(reason: string): void {
    if (closed) return;
    closed = true;
    room.close(unreachable());
    for (const line of [first, ...further.values()]) line.close(reason);
    events.onClosed(reason);
  }

  function takeFrame(frame: Uint8Array): void {
    const bytes = frame.byteLength;
    // Its memory goes along.
    events.onFrame(frame);
    noteMoved(bytes);
  }

  /** One line at a time is negotiated. */
  function noteMoved(bytes: number): void {
    const isDue = growth.moved(bytes) && mayGrow && !closed;
    if (!isDue || opened.length <= lastNumber || opened.length >= Math.min(most, mostLines)) return;
    lastNumber++;
    begin(lastNumber);
  }

  function begin(number: number): Line {
    let isOpen = false;
    const line = parts.openLine(
      { initiator, servers, relayed },
      {
        onStep: (step) => say({ line: number, step }),
        onOpened(_path, channel) {
          isOpen = true;
          room.add(channel);
          opened.push({ line, channel });
        },
        onFrame: takeFrame,
        onSaid() {
          throw new Error('The peer said something on a line that is for frames.');
        },
        onClosed(reason) {
          further.delete(number);
          mayGrow = false;
          // Frames were under way on it, and nobody knows which of them came.
          if (isOpen) close(reason);
        },
      },
    );
    further.set(number, line);
    return line;
  }

  function say(said: LineStep): void {
    try {
      first.say(JSON.stringify(said));
    } catch {
      // It is closed, and everything with it.
    }
  }

  /** The side that began the connection begins its lines, each number once. */
  function takeLineStep({ line: number, step }: LineStep): void {
    const line = further.get(number);
    if (line) return line.step(step);
    const isNext = !initiator && step.type === 'offer' && number === lastNumber + 1 && number < mostLines;
    // A line that ended here may be spoken of for a while on the other side.
    if (!isNext) return;
    lastNumber = number;
    begin(number).step(step);
  }

  /** The line with the least to send yet; the first one for what has to be in order. */
  function lineFor(anyOrder: boolean): Line | undefined {
    const [ordered, ...others] = opened;
    let best = ordered;
    for (const other of anyOrder ? others : [])
      if (best && other.channel.bufferedAmount < best.channel.bufferedAmount) best = other;
    return best?.line;
  }

  async function sendNow(frame: Uint8Array, anyOrder: boolean): Promise<void> {
    const line = closed ? undefined : lineFor(anyOrder);
    if (!line) throw unreachable();
    const bytes = frame.byteLength;
    try {
      line.send(frame);
    } catch {
      throw unreachable();
    }
    noteMoved(bytes);
    await room.wait();
  }

  return {
    step(data) {
      if (closed) return;
      const step = decodeStep(data);
      if (!step) return close('the steps make no sense');
      if (step.type !== 'candidate') most = step.lines ?? 1;
      first.step(step);
    },
    send(frame, anyOrder) {
      if (frame.byteLength > peerFrameBytes)
        return Promise.reject(new ParleyError('bad_request', { message: 'The frame is too large.' }));
      const sent = lastSent.then(() => sendNow(frame, anyOrder));
      lastSent = sent.catch(() => {});
      return sent;
    },
    close,
  };
}

export function unreachable(): ParleyError {
  return new ParleyError('unreachable', { message: 'The other device can’t be reached directly any more.' });
}

function withLines(step: Step): Step {
  return step.type === 'candidate' ? step : { ...step, lines: mostLines };
}
