/** One WebSocket: its place in the hub, what waits to be written, and how it ends. */
import { errorTable, joinFrames, encodeRelayFrame, limits, type ParleyError } from '../../protocol/index.ts';
import type { WebSocket } from 'ws';
import { errorFrame } from '../relay/frames-out.ts';
import type { ClosedSession, Session, Wire } from '../relay/session.ts';
import type { Listed } from './look-list.ts';

/** What connections need of the hub; shared by all of them, so that each stays small. */
export interface ConnectionHost {
  readonly maxBufferedBytes: number;
  /** Has the connection flushed at the end of this turn. */
  writeSoon(connection: Connection): void;
  /** Has the next sweep look at it. */
  lookSoon(connection: Connection): void;
  /** It is closing, by whichever side: it leaves the registries now. */
  left(connection: Connection): void;
  /** Listens for the answer to a ping: `this` is the socket. */
  heardPong(this: WebSocket): void;
}

const closed: ClosedSession = { state: 'closed' };
/** A write that leaves more than this behind in the socket reports when it is through. */
const drainMark = limits.relayBatchBytes;
/** Bytes that a close frame has room for, besides the code. */
const maxReasonBytes = 123;
/** What a dropped link or a process's end shows as. */
const abnormalClosure = 1006;

export class Connection implements Wire, Listed {
  readonly ws: WebSocket;
  readonly address: string;
  readonly #host: ConnectionHost;
  place = -1;
  session: Session;
  /** When the device last said something. */
  heardAt: number;
  /** Whether it was told something since. */
  told = false;
  /** When the sweep first met it so. */
  toldSince: number | null = null;
  /** Whether it was asked since for a sign of life. */
  #asked = false;
  /** When the socket was last met to have taken bytes, of those that wait; null when none were met waiting. */
  #takenAt: number | null = null;
  /** When the sweep first met it closing. */
  closingSince: number | null = null;
  closeCode = abnormalClosure;
  #frames: Uint8Array[] = [];
  #framesBytes = 0;
  #handedOver = 0;
  #taken = 0;
  #onDrained: (() => void) | null = null;

  constructor(ws: WebSocket, address: string, host: ConnectionHost, now: number) {
    this.ws = ws;
    this.address = address;
    this.#host = host;
    this.session = { state: 'greeting', since: now };
    this.heardAt = now;
  }

  get open(): boolean {
    return this.session.state !== 'closed';
  }

  /** The device said something. */
  hear(now: number): void {
    this.heardAt = now;
    this.told = false;
    this.toldSince = null;
    this.#asked = false;
  }

  send(frame: Uint8Array): void {
    if (!this.told && this.open) {
      this.told = true;
      this.#host.lookSoon(this);
    }
    this.reply(frame);
  }

  reply(frame: Uint8Array): void {
    if (!this.open) return;
    if (this.#frames.push(frame) === 1) this.#host.writeSoon(this);
    this.#framesBytes += frame.byteLength;
  }

  waiting(): number {
    return this.#framesBytes + this.ws.bufferedAmount;
  }

  whenDrained(listener: () => void): void {
    if (this.waiting() > drainMark) this.#onDrained = listener;
    else setImmediate(listener);
  }

  whenTaken(mark: number, listener: () => void): void {
    this.flush();
    const heard = (said: Buffer): void => {
      if (said[0] !== mark) return;
      this.ws.off('pong', heard);
      listener();
    };
    this.ws.on('pong', heard);
    this.ws.ping(Buffer.from([mark]));
  }

  /** Writes all that waits as one WebSocket message. */
  flush(): void {
    if (this.#frames.length === 0) return;
    const message = joinFrames(this.#frames);
    this.#frames = [];
    this.#framesBytes = 0;
    if (this.ws.readyState !== this.ws.OPEN) return;
    this.#handedOver += message.byteLength;
    if (this.ws.bufferedAmount + message.byteLength <= drainMark) this.ws.send(message);
    else {
      this.#host.lookSoon(this);
      this.ws.send(message, () => this.#drained());
    }
    if (this.ws.bufferedAmount > this.#host.maxBufferedBytes) this.ws.pause();
  }

  #drained(): void {
    if (!this.open || this.ws.bufferedAmount > drainMark) return;
    if (this.ws.isPaused) this.ws.resume();
    const listener = this.#onDrained;
    this.#onDrained = null;
    listener?.();
  }

  /** Asks once for a sign of life, which every WebSocket gives by itself for as long as its process runs. */
  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.ws.once('pong', this.#host.heardPong);
    this.ws.ping();
  }

  /** Milliseconds since the socket last took bytes of those that wait; 0 when none do. */
  stalledFor(now: number): number {
    const waiting = this.ws.bufferedAmount;
    if (waiting === 0) {
      this.#takenAt = null;
      return 0;
    }
    const taken = this.#handedOver - waiting;
    if (taken !== this.#taken) this.#takenAt = null;
    this.#taken = taken;
    this.#takenAt ??= now;
    return now - this.#takenAt;
  }

  fail(error: ParleyError): void {
    if (!this.open) return;
    this.send(encodeRelayFrame(errorFrame(error)));
    this.end(errorTable[error.code].close ?? errorTable.internal.close, error.message);
  }

  /** Closes in good order: what waits is written first. */
  end(closeCode: number, reason: string): void {
    if (!this.open) return;
    this.flush();
    this.leave(closeCode);
    this.ws.resume();
    this.ws.close(closeCode, shorten(reason));
  }

  /** The connection is over for the relay, whatever the socket still does. */
  leave(closeCode: number): void {
    if (!this.open) return;
    this.closeCode = closeCode;
    this.#host.left(this);
    this.session = closed;
    this.#frames = [];
    this.#onDrained = null;
  }
}

function shorten(reason: string): string {
  let text = reason;
  while (Buffer.byteLength(text) > maxReasonBytes) text = text.slice(0, -1);
  return text;
}
