/** Signed requests to one bucket over kept connections: patient with a store that stumbles, within limits. */
import { Agent as PlainAgent, request as plainRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import type { Clock } from '../../ports/clock.ts';
import { S3Refusal } from './s3-errors.ts';
import type { S3Place } from './s3-place.ts';

export interface S3Keys {
  readonly accessKey: string;
  readonly secretKey: string;
  /** With temporary keys. */
  readonly sessionToken?: string | null | undefined;
}

/** How long the store is waited for before a request counts as failed. */
export interface S3Patience {
  /** A connection on which nothing moves is given up. */
  readonly silenceMs: number;
  readonly attempts: number;
  /** Before the second attempt; doubled before each further one, with jitter. */
  readonly firstWaitMs: number;
  /** No attempt begins after so long. */
  readonly allMs: number;
}

export const defaultPatience: S3Patience = { silenceMs: 15_000, attempts: 6, firstWaitMs: 100, allMs: 20_000 };

export interface S3Ask {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Within the bucket, with the place's prefix; empty for the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** SHA-256 of the body in hex, where it is known. */
  readonly bodyHash?: string;
  /** In place of the client's own, for what takes a store long. */
  readonly silenceMs?: number;
}

export interface S3Client {
  readonly place: S3Place;
  /** @returns a successful answer whose bytes are still to come. @throws S3Refusal, or the connection's fault. */
  open(ask: S3Ask): Promise<IncomingMessage>;
  /** @returns a successful answer, read to its end. */
  ask(ask: S3Ask): Promise<S3Answer>;
  /** A URL that is good for a GET by whoever has it, for so long. */
  presign(key: string, lifeSeconds: number): Promise<string>;
  close(): void;
}

export interface S3Answer {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface S3ClientDeps {
  readonly place: S3Place;
  readonly keys: S3Keys;
  readonly clock: Clock;
  readonly patience?: S3Patience | undefined;
}

const emptyHash = createHash('sha256').digest('hex');
/** For what is over soon. Downloads go on as long as their readers take, and are bounded by whoever lets those in. */
const maxSockets = 128;
/** An idle connection is kept for so long, and one that is being made waited for. */
const idleMs = 10_000;
/** Answers that are read whole are lists of at most 1,000 keys, refusals, and states of uploads. */
const maxAnswerBytes = 64 * 1024 * 1024;

export function createS3Client({ place, keys, clock, patience = defaultPatience }: S3ClientDeps): S3Client {
  const secure = place.base.startsWith('https:');
  const agents = { short: createAgent(secure, maxSockets), long: createAgent(secure, Number.POSITIVE_INFINITY) };
  const signing = {
    accessKeyId: keys.accessKey,
    secretAccessKey: keys.secretKey,
    ...(keys.sessionToken ? { sessionToken: keys.sessionToken } : {}),
    service: 's3',
    region: place.region,
    cache: new Map<string, ArrayBuffer>(),
  };

  function urlOf({ key, query = {} }: Pick<S3Ask, 'key' | 'query'>): string {
    const path = (key === '' ? '' : place.prefix + key).split('/').map(encodeURIComponent).join('/');
    const search = new URLSearchParams(query).toString().replaceAll('+', '%20');
    return `${place.base}/${path}${search === '' ? '' : `?${search}`}`;
  }

  /** As an object store writes times: 20260131T235959Z. */
  function signingTime(): string {
    return new Date(clock()).toISOString().replace(/[:-]|\.\d{3}/g, '');
  }

  async function sign(ask: S3Ask): Promise<{ url: URL; headers: Record<string, string> }> {
    const hash = ask.bodyHash ?? (ask.body ? createHash('sha256').update(ask.body).digest('hex') : emptyHash);
    const signer = new AwsV4Signer({
      ...signing,
      method: ask.method,
      url: urlOf(ask),
      headers: { ...ask.headers, 'x-amz-content-sha256': hash },
      datetime: signingTime(),
    });
    const { url, headers } = await signer.sign();
    return { url, headers: Object.fromEntries(headers) };
  }

  async function attempt(ask: S3Ask, length: keyof typeof agents): Promise<IncomingMessage> {
    const { url, headers } = await sign(ask);
    const answer = await send(url, ask, { agent: agents[length], headers });
    const { statusCode: status = 0 } = answer;
    if (status >= 200 && status < 300) return answer;
    throw new S3Refusal(status, (await readAll(answer)).toString('utf8'));
  }

  function send(url: URL, ask: S3Ask, { agent, headers }: Prepared): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const length = { 'content-length': String(ask.body?.byteLength ?? 0) };
      const hasBody = ask.method === 'PUT' || ask.method === 'POST';
      const outgoing = (secure ? secureRequest : plainRequest)(
        url,
        { method: ask.method, agent, headers: { ...headers, ...(hasBody ? length : {}) } },
        resolve,
      );
      const silenceMs = ask.silenceMs ?? patience.silenceMs;
      outgoing.setTimeout(silenceMs, () =>
        outgoing.destroy(new Error(`the object store said nothing for ${silenceMs} ms`)),
      );
      // More than once: some stores put bytes behind an answer.
      outgoing.on('error', reject);
      outgoing.end(ask.body);
    });
  }

  /** Everything that Parley asks of a store can be asked again. */
  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    for (let failed = 1; ; failed += 1) {
      try {
        return await work();
      } catch (error) {
        const spent = performance.now() - began;
        if (!mayPass(error) || failed >= patience.attempts || spent >= patience.allMs) throw error;
        await sleep(patience.firstWaitMs * 2 ** (failed - 1) * (0.5 + Math.random()));
      }
    }
  }

  return {
    place,
    open: (ask) => patiently(() => attempt(ask, 'long')),
    ask: (ask) =>
      patiently(async () => {
        const answer = await attempt(ask, 'short');
        return { headers: answer.headers, body: await readAll(answer) };
      }),
    async presign(key, lifeSeconds) {
      const url = urlOf({ key, query: { 'X-Amz-Expires': String(lifeSeconds) } });
      const signer = new AwsV4Signer({ ...signing, method: 'GET', url, datetime: signingTime(), signQuery: true });
      return (await signer.sign()).url.toString();
    },
    close() {
      agents.short.destroy();
      agents.long.destroy();
    },
  };
}

interface Prepared {
  readonly agent: PlainAgent;
  readonly headers: Record<string, string>;
}

function createAgent(secure: boolean, maxSockets: number): PlainAgent {
  const keeping = { keepAlive: true, maxSockets, scheduling: 'lifo', timeout: idleMs } as const;
  return secure ? new SecureAgent(keeping) : new PlainAgent(keeping);
}

function mayPass(error: unknown): boolean {
  return !(error instanceof S3Refusal) || error.passes;
}

async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.byteLength;
    if (size > maxAnswerBytes) throw new Error('the object store answered more than anybody asked for');
    parts.push(part);
  }
  return Buffer.concat(parts);
}
