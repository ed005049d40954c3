/** Bytes of blobs on Node's own streams: web streams, which Hono speaks, cost several times as much per byte. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Context } from 'hono';
import type { IncomingBytes } from '../relay/upload-runs.ts';
import { liftBodyDeadline } from './body-deadline.ts';
import type { HttpEnv } from './http-deps.ts';

/** Tells @hono/node-server that the answer went out on the raw stream. */
const alreadySent = { 'x-hono-already-sent': 'true' };

/** What Hono's middleware says of other answers. */
const sameAsOthers = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
} as const;

/** Fails under `app.request()`: blobs need a real connection. */
function streamsOf({ env }: Context<HttpEnv>): { incoming: IncomingMessage; outgoing: ServerResponse } {
  const { incoming, outgoing } = env;
  if (!incoming || !outgoing) throw new Error('Blobs are served on real connections only.');
  return { incoming, outgoing };
}

/** The request's body. A device that sends nothing for `stalledAfterMs` is cut off. */
export function incomingBytes(context: Context<HttpEnv>, stalledAfterMs: number): IncomingBytes {
  const { incoming } = streamsOf(context);
  const { socket } = incoming;
  liftBodyDeadline(incoming);
  const cut = (): void => void incoming.destroy();
  incoming.setTimeout(stalledAfterMs, cut);
  return { stream: incoming, received: () => socket.bytesRead, cut };
}

interface RawAnswer {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string | number>>;
}

/**
 * Sends the body by `send`, as fast as the device takes it and no faster. One that takes nothing for `stalledAfterMs` is
 * cut off. Resolves when the last byte was handed over, or the connection is gone.
 * @returns what Hono is to be given.
 */
export async function sendRaw(
  context: Context<HttpEnv>,
  { status, headers }: RawAnswer,
  send: (sink: Writable) => Promise<void>,
  stalledAfterMs: number,
): Promise<Response> {
  const { outgoing } = streamsOf(context);
  outgoing.setTimeout(stalledAfterMs, () => outgoing.destroy());
  outgoing.writeHead(status, { ...sameAsOthers, ...headers });
  try {
    await send(outgoing);
    outgoing.end();
    await finished(outgoing);
  } catch {
    // The head is out: all that can be said is that the body ended early.
    outgoing.destroy();
  }
  return new Response(null, { status, headers: alreadySent });
}
