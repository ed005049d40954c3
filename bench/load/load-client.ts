/** One device of the load generator: speaks the protocol with as little work of its own as it can. */
import { Packr, Unpackr } from 'msgpackr';
import WebSocket from 'ws';
import { encodeOne, type ClientFrame, type RelayFrame } from '../../protocol/index.ts';
import type { LoadPerson } from './people.ts';

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });
const packr = new Packr({ useRecords: false });

/** As the engine's sockets have it. */
const keepAliveIdleMs = 15_000;

/** Called for each frame, in order. Frames are not validated: the relay under test is trusted here. */
export type FrameListener = (frame: RelayFrame) => void;

export class LoadClient {
  readonly person: LoadPerson;
  #socket: WebSocket | null = null;
  #listener: FrameListener;

  constructor(person: LoadPerson, listener: FrameListener) {
    this.person = person;
    this.#listener = listener;
  }

  /**
   * Connects, says hello and syncs. @returns once the relay said `synced`. Rejects when the socket fails first.
   * @param localAddress where the connection comes from: one address has ports for some 28,000.
   */
  connect(
    address: string,
    have: Extract<ClientFrame, { type: 'sync' }>['have'] = [],
    localAddress?: string,
  ): Promise<void> {
    const socket = new WebSocket(`${address.replace(/^http/, 'ws')}/v1/socket`, {
      perMessageDeflate: false,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    this.#socket = socket;
    socket.binaryType = 'nodebuffer';
    socket.on('upgrade', (response) => response.socket.setKeepAlive(true, keepAliveIdleMs));
    return new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', (code, reason) => reject(new Error(`closed ${code} ${reason.toString()}`)));
      socket.on('open', () => this.#greet());
      socket.on('message', (data: Buffer) => {
        for (const frame of unpackr.unpackMultiple(data) as RelayFrame[]) {
          if (frame.type === 'welcome') this.send({ type: 'sync', have, last: true });
          if (frame.type === 'synced') resolve();
          this.#listener(frame);
        }
      });
    });
  }

  /** Connects, asks for everything, and takes nothing of what comes. */
  async connectAndStall(address: string): Promise<void> {
    const synced = this.connect(address);
    synced.catch(() => {});
    const socket = this.#socket;
    await new Promise<void>((resolve) => {
      socket?.once('message', () => {
        socket.pause();
        resolve();
      });
    });
  }

  #greet(): void {
    const { token } = this.person;
    this.send({ type: 'hello', versions: [1], token, generation: 0, client: { name: 'bench', version: '0' } });
  }

  send(frame: ClientFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(packr.pack(frame));
  }

  /** Calls back when the present connection ends, whoever ends it. */
  onceClosed(listener: () => void): void {
    this.#socket?.on('error', () => {});
    this.#socket?.once('close', listener);
  }

  /** Drops the connection without a close frame, as a cut network does. */
  cut(): void {
    this.#socket?.removeAllListeners('close');
    this.#socket?.on('error', () => {});
    this.#socket?.terminate();
    this.#socket = null;
  }
}

/** A payload of plain content with `bytes` bytes of text, as the engine's plain sealer makes it. */
export function samplePayload(bytes: number): Uint8Array {
  const content = encodeOne({ kind: 'text', text: 'm'.repeat(bytes) });
  const payload = new Uint8Array(content.byteLength + 1);
  payload.set(content, 1);
  return payload;
}
