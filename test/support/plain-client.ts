/** A bare WebSocket client of a relay, for tests of the relay alone: frames out, frames in, in order. */
import { WebSocket } from 'ws';
import {
  decodeRelayFrames,
  encodeClientFrame,
  joinFrames,
  type ClientFrame,
  type FrameOf,
  type RelayFrame,
  type Session,
} from '../../protocol/index.ts';

export interface PlainClient {
  readonly ws: WebSocket;
  readonly frames: readonly RelayFrame[];
  send(...frames: ClientFrame[]): void;
  /** The next frame of a type that was not taken yet. Rejects after 5 s or when the socket closes. */
  next<T extends RelayFrame['type']>(type: T): Promise<FrameOf<RelayFrame, T>>;
  readonly closed: Promise<{ code: number; reason: string }>;
}

export function openPlainClient(address: string): PlainClient {
  const ws = new WebSocket(`${address.replace(/^http/, 'ws')}/v1/socket`);
  const frames: RelayFrame[] = [];
  const taken = new Set<RelayFrame>();
  const wake = new Set<() => void>();
  let isClosed = false;
  ws.on('message', (data: Buffer) => {
    frames.push(...decodeRelayFrames(new Uint8Array(data)));
    for (const look of wake) look();
  });
  ws.on('error', () => {});
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    ws.on('close', (code, reason) => {
      isClosed = true;
      for (const look of wake) look();
      resolve({ code, reason: reason.toString() });
    }),
  );
  return {
    ws,
    frames,
    closed,
    send(...out) {
      const bytes = joinFrames(out.map(encodeClientFrame));
      if (ws.readyState === WebSocket.OPEN) ws.send(bytes);
      else ws.once('open', () => ws.send(bytes));
    },
    next(type) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => stop(() => reject(new Error(`no ${type} within 5 s`))), 5_000);
        const stop = (settle: () => void): void => {
          clearTimeout(timer);
          wake.delete(look);
          settle();
        };
        const look = (): void => {
          const found = frames.find((frame) => frame.type === type && !taken.has(frame));
          if (found) {
            taken.add(found);
            stop(() => resolve(found as never));
          } else if (isClosed) stop(() => reject(new Error(`closed before ${type}`)));
        };
        wake.add(look);
        look();
      });
    },
  };
}

export function helloFrame(token: string): FrameOf<ClientFrame, 'hello'> {
  return { type: 'hello', versions: [1], token, generation: 0, client: { name: 'test', version: '0' } };
}

/** Registers over HTTP. */
export async function registerAt(address: string, username: string): Promise<Session> {
  const answer = await fetch(`${address}/v1/accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      username,
      displayName: username,
      password: 'correct horse battery',
      device: { name: 'Desk', platform: 'test' },
    }),
  });
  if (answer.status !== 201) throw new Error(`register ${username}: ${await answer.text()}`);
  return (await answer.json()) as Session;
}
