/** One HTTP exchange with a relay: JSON in, JSON out, bounded in time and size. */
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest, type RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { networkFault, notARelay, timedOutCode } from './network-faults.ts';
import { trustedAuthorities } from './trust.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Base URL of the relay. */
  readonly base: string;
  /** Path and query. */
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Parsed JSON; undefined when the answer holds none. */
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
}

export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>;

const maxAnswerBytes = 4 * 1024 * 1024;
const defaultTimeoutMs = 15_000;

/** @throws ParleyError that says why the relay could not be reached. Any status is an answer. */
export const httpClient: HttpClient = async (exchange) => {
  try {
    const { response, text } = await send(exchange);
    return { status: response.statusCode ?? 0, body: parseJson(text), retryAfterMs: retryAfter(response) };
  } catch (error) {
    throw networkFault(error, exchange.base);
  }
};

function send({
  method,
  base,
  path,
  token,
  body,
  timeoutMs = defaultTimeoutMs,
}: HttpRequest): Promise<{ response: IncomingMessage; text: string }> {
  const url = new URL(base + path);
  const payload = body === undefined ? null : JSON.stringify(body);
  const headers = {
    accept: 'application/json',
    ...(payload === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: false as const };
    const request =
      url.protocol === 'https:'
        ? secureRequest(url, { ...options, secureContext: trustedAuthorities() } as RequestOptions & ConnectionOptions)
        : plainRequest(url, options);
    const deadline = setTimeout(
      () => request.destroy(Object.assign(new Error('timed out'), { code: timedOutCode })),
      timeoutMs,
    );
    request.on('close', () => clearTimeout(deadline));
    request.on('error', reject);
    request.on('response', (response) => {
      readText(response, base).then((text) => resolve({ response, text }), reject);
    });
    request.end(payload ?? undefined);
  });
}

function readText(response: IncomingMessage, base: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > maxAnswerBytes) response.destroy(notARelay(base));
      else chunks.push(chunk);
    });
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.on('error', reject);
    response.on('aborted', () => reject(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function retryAfter(response: IncomingMessage): number | undefined {
  const seconds = Number(response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}
