/** Reads the relay's WebSocket messages out of the bytes of a TCP connection, for who looks on from outside. */

/** Longer than any message of a relay. */
const longest = 8 * 1024 * 1024;
const headEnd = Buffer.from('\r\n\r\n');
const binary = 2;

/** One direction, from the relay to a device: the answer to the handshake, then frames without masks. */
export class SocketReader {
  readonly #onMessage: (bytes: Uint8Array) => void;
  #rest: Buffer = Buffer.alloc(0);
  #state: 'head' | 'frames' | 'other' = 'head';

  constructor(onMessage: (bytes: Uint8Array) => void) {
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    if (this.#state === 'other') return;
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#state === 'head') this.#readHead();
    while (this.#state === 'frames' && this.#readFrame());
  }

  #readHead(): void {
    const end = this.#rest.indexOf(headEnd);
    if (end < 0) return;
    const isUpgrade = this.#rest.subarray(0, 12).toString('latin1') === 'HTTP/1.1 101';
    this.#state = isUpgrade ? 'frames' : 'other';
    this.#rest = this.#rest.subarray(end + headEnd.length);
  }

  /** @returns whether there may be another one. */
  #readFrame(): boolean {
    const head = this.#head();
    if (!head || this.#rest.length < head.start + head.length) return false;
    if (head.length > longest) {
      this.#state = 'other';
      return false;
    }
    const body = this.#rest.subarray(head.start, head.start + head.length);
    this.#rest = this.#rest.subarray(head.start + head.length);
    if (head.opcode === binary) this.#onMessage(body);
    return true;
  }

  /** RFC 6455, section 5.2. */
  #head(): { opcode: number; start: number; length: number } | null {
    const bytes = this.#rest;
    if (bytes.length < 2) return null;
    const opcode = bytes.readUInt8(0) & 0x0f;
    const short = bytes.readUInt8(1) & 0x7f;
    if (short < 126) return { opcode, start: 2, length: short };
    if (short === 126) return bytes.length < 4 ? null : { opcode, start: 4, length: bytes.readUInt16BE(2) };
    return bytes.length < 10 ? null : { opcode, start: 10, length: Number(bytes.readBigUInt64BE(2)) };
  }
}
