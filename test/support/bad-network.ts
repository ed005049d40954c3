/** A way to the relay over a bad line: slow, narrow, uneven, and cut now and then. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

export interface Line {
  /** One way, in milliseconds. */
  readonly delayMs: number;
  /** Added now and then, as when a packet was lost and is sent again. */
  readonly hiccupMs: number;
  readonly bytesPerSecond: number;
}

/** Every so many pieces one has the hiccup. */
const hiccupEvery = 40;

export class BadNetwork {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param target port on this machine that the line leads to. */
  static async open(target: number, line: Line): Promise<BadNetwork> {
    const server = createServer();
    const network = new BadNetwork(server);
    server.on('connection', (near) => network.#join(near, connect(target, '127.0.0.1'), line));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return network;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #join(near: Socket, far: Socket, line: Line): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
      void carry(socket, other, line);
    }
  }

  /** Every connection is gone without a word, as when an address changes. New ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }
}

/** What one side said last still arrives after it has closed; a line that was cut takes both sides with it. */
async function carry(from: Readable, to: Writable, { delayMs, hiccupMs, bytesPerSecond }: Line): Promise<void> {
  let pieces = 0;
  try {
    for await (const piece of from as AsyncIterable<Buffer>) {
      const hiccup = ++pieces % hiccupEvery === 0 ? hiccupMs : 0;
      await pause(delayMs + hiccup + (piece.byteLength / bytesPerSecond) * 1_000);
      if (!to.write(piece)) await once(to, 'drain');
    }
    to.end();
  } catch {
    to.destroy();
  }
}
