/** The WebSocket as the engine sees it, and its implementation over ws. */
import { WebSocket, type ClientOptions, type RawData } from 'ws';
import { trustedAuthorities } from './trust.ts';

export interface SocketEvents {
  onOpen(): void;
  onMessage(bytes: Uint8Array): void;
  /** The server answered the handshake with plain HTTP. `onClose` follows. */
  onRefused(status: number, retryAfterMs: number | undefined): void;
  /** `onClose` follows. */
  onError(error: unknown): void;
  /** The last event. */
  onClose(code: number): void;
}

export interface Socket {
  send(bytes: Uint8Array): void;
  /** Bytes that were sent and not yet taken by the system. */
  readonly bufferedBytes: number;
  /** Stops and resumes reading, so that a fast relay cannot fill the memory of a slow device. */
  pause(): void;
  resume(): void;
  close(code: number): void;
  /** Without a closing handshake, for a link that is dead. */
  terminate(): void;
}

export type SocketFactory = (url: string, events: SocketEvents) => Socket;

/** Larger than any message of an honest relay: a batch and one frame more. */
const maxMessageBytes = 4 * 1024 * 1024;
const handshakeTimeoutMs = 10_000;
/**
 * The system looks by itself whether the relay's side of a quiet link is still there: after so long, then each second, and
 * ends the link when ten looks are unanswered (libuv's numbers), so within 25 s.
 */
const keepAliveIdleMs = 15_000;

export const openSocket: SocketFactory = (url, events) => {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    handshakeTimeout: handshakeTimeoutMs,
    secureContext: url.startsWith('wss:') ? trustedAuthorities() : undefined,
  } as ClientOptions);
  socket.binaryType = 'nodebuffer';
  socket.on('upgrade', ({ socket: below }) => below.setKeepAlive(true, keepAliveIdleMs));
  socket.on('open', () => events.onOpen());
  socket.on('message', (data) => events.onMessage(toBytes(data)));
  socket.on('unexpected-response', (request, response) => {
    const seconds = Number(response.headers['retry-after']);
    events.onRefused(response.statusCode ?? 0, Number.isFinite(seconds) ? seconds * 1_000 : undefined);
    request.destroy();
    socket.terminate();
  });
  socket.on('error', (error) => events.onError(error));
  socket.on('close', (code) => events.onClose(code));
  return {
    send: (bytes) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: (code) => socket.close(code),
    terminate: () => socket.terminate(),
  };
};

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
