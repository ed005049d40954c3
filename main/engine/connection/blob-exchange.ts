/** One HTTP exchange that streams: over a kept connection, without an end to its time but an end to standing still. */
import { Agent as PlainAgent, request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { ParleyError } from '../../../protocol/index.ts';
import type { HttpAnswer } from './http-client.ts';
import { networkFault, notARelay, timedOutCode } from './network-faults.ts';
import { trustedAuthorities } from './trust.ts';

export interface Exchange {
  readonly method: 'GET' | 'PATCH';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly signal: AbortSignal;
}

export interface Exchanges {
  /** Sends a request without a body. @returns the answer, whose bytes are still to come; any status. */
  ask(exchange: Exchange): Promise<IncomingMessage>;
  /**
   * Sends a request with a body, no faster than the network takes it; a piece need only stand until the next is asked for.
   * The answer may come before its end.
   */
  send(exchange: Exchange, body: AsyncIterable<Uint8Array>, onTaken: (bytes: number) => void): Promise<IncomingMessage>;
  /** The pieces of an answer, read no further than they are taken. @param onBroken called when they break off. */
  pieces(response: IncomingMessage, onBroken?: () => void): AsyncGenerator<Buffer>;
  /** A short answer as JSON. */
  answer(response: IncomingMessage): Promise<HttpAnswer>;
  close(): void;
}

/** Neither side moved a byte for so long. */
const stalledAfterMs = 30_000;
/** An idle connection is kept for the next file for so long. */
const keptMs = 15_000;
const maxAnswerBytes = 64 * 1024;
const maxConnections = 12;

export function createExchanges(base: string, token: string): Exchanges {
  const secure = base.startsWith('https:');
  const keeping = { keepAlive: true, keepAliveMsecs: keptMs, timeout: stalledAfterMs * 4, maxSockets: maxConnections };
  const agent = secure ? new SecureAgent({ ...keeping, ...secureContext() }) : new PlainAgent(keeping);

  function open({ method, path, headers, signal }: Exchange): Opened {
    const request = (secure ? secureRequest : plainRequest)(new URL(base + path), {
      method,
      agent,
      signal,
      headers: { ...headers, authorization: `Bearer ${token}` },
    });
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.on('error', reject);
    });
    // Whoever sends a body looks at the answer later; until then a failure must not count as unhandled.
    response.catch(() => {});
    return { request, response };
  }

  const failure = (error: unknown) => (isAbort(error) ? abandoned(error) : networkFault(error, base));

  return {
    async ask(exchange) {
      const { request, response } = open(exchange);
      const watch = watchStall((error) => request.destroy(error));
      request.end();
      try {
        return await response;
      } catch (error) {
        throw failure(error);
      } finally {
        watch.end();
      }
    },

    async send(exchange, body, onTaken) {
      const { request, response } = open(exchange);
      const watch = watchStall((error) => request.destroy(error));
      try {
        await pour(body, { request, response }, (bytes) => {
          watch.moved();
          onTaken(bytes);
        });
        return await response;
      } catch (error) {
        request.destroy();
        throw failure(error);
      } finally {
        watch.end();
      }
    },

    async *pieces(response, onBroken) {
      const iterator: AsyncIterator<Buffer> = response.iterator({ destroyOnReturn: true });
      try {
        for (;;) {
          const watch = watchStall((error) => response.destroy(error));
          const { done, value } = await iterator.next().finally(() => watch.end());
          if (done === true) return;
          yield value;
        }
      } catch (error) {
        onBroken?.();
        throw failure(error);
      } finally {
        await iterator.return?.();
      }
    },

    async answer(response) {
      const parts: Buffer[] = [];
      let size = 0;
      for await (const piece of this.pieces(response)) {
        size += piece.byteLength;
        if (size > maxAnswerBytes) throw notARelay(base);
        parts.push(piece);
      }
      const seconds = Number(response.headers['retry-after']);
      return {
        status: response.statusCode ?? 0,
        body: parseJson(Buffer.concat(parts).toString('utf8')),
        retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined,
      };
    },

    close: () => agent.destroy(),
  };
}

interface Opened {
  readonly request: ClientRequest;
  readonly response: Promise<IncomingMessage>;
}

/**
 * Asks for the next piece only once the system has taken the last one, whose memory may then be filled anew. Stops early
 * where the other side has answered already: it will not read the rest.
 */
async function pour(
  body: AsyncIterable<Uint8Array>,
  { request, response }: Opened,
  onTaken: (bytes: number) => void,
): Promise<void> {
  let over = false;
  const answered = response.then(
    () => (over = true),
    () => (over = true),
  );
  for await (const piece of body) {
    if (over) return;
    await Promise.race([written(request, piece), answered]);
    onTaken(piece.byteLength);
  }
  request.end();
}

/** A piece that cannot be written any more resolves too: the request's own failure tells why. */
function written(request: ClientRequest, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => request.write(piece, () => resolve()));
}

interface StallWatch {
  moved(): void;
  end(): void;
}

function watchStall(onStall: (error: Error) => void): StallWatch {
  const timer = setTimeout(
    () => onStall(Object.assign(new Error('timed out'), { code: timedOutCode })),
    stalledAfterMs,
  );
  return { moved: () => void timer.refresh(), end: () => clearTimeout(timer) };
}

function secureContext(): object {
  const context = trustedAuthorities();
  return context === undefined ? {} : { secureContext: context };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function abandoned(cause: unknown): ParleyError {
  return new ParleyError('unreachable', { message: 'The transfer was stopped here.', cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
