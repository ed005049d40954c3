/** Opens the bytes of a blob: at the relay, or in the store that the relay names for them. */
import { Agent as PlainAgent, request as plainRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { directBlobHeader } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Exchanges } from './blob-exchange.ts';
import { trustedAuthorities } from './trust.ts';

export interface BlobAsk {
  readonly path: string;
  readonly range: string;
  readonly signal: AbortSignal;
}

export interface BlobSource {
  /** The answer of whoever has the bytes; any status. */
  open(ask: BlobAsk): Promise<BlobAnswer>;
  close(): void;
}

export interface BlobAnswer {
  readonly response: IncomingMessage;
  /** To be told when the bytes break off: a store that cannot be reached from here is left alone for a while. */
  failed(): void;
}

/** A store that says nothing for so long is not asked further: the relay is. */
const patienceMs = 10_000;
/** For so long all comes from the relay after a store failed. */
const avoidMs = 600_000;

export function createBlobSource(base: string, exchanges: Exchanges, clock: Clock): BlobSource {
  const isSecure = base.startsWith('https:');
  const store = createStoreReader();
  let avoidUntil = Number.NEGATIVE_INFINITY;
  const avoid = (): void => void (avoidUntil = clock.monotonic() + avoidMs);

  /** @returns null when the bytes are to be had from the relay alone. */
  async function openElsewhere(location: string | undefined, ask: BlobAsk): Promise<BlobAnswer | null> {
    const address = URL.parse(location ?? '');
    if (address === null || !isAllowed(address, isSecure)) return null;
    const response = await store.get(address, ask);
    return response && { response, failed: () => void (ask.signal.aborted || avoid()) };
  }

  return {
    async open(ask) {
      const { path, range, signal } = ask;
      const exchange = { method: 'GET', path, signal } as const;
      if (clock.monotonic() >= avoidUntil) {
        const response = await exchanges.ask({ ...exchange, headers: { range, [directBlobHeader]: '?1' } });
        if (response.statusCode !== 307) return { response, failed() {} };
        response.resume();
        const elsewhere = await openElsewhere(response.headers.location, ask);
        if (elsewhere !== null) return elsewhere;
        avoid();
      }
      return { response: await exchanges.ask({ ...exchange, headers: { range } }), failed() {} };
    },
    close: store.close,
  };
}

/** What came to the relay encrypted does not come from elsewhere in the clear. */
function isAllowed({ protocol }: URL, isSecure: boolean): boolean {
  return protocol === 'https:' || (protocol === 'http:' && !isSecure);
}

interface StoreReader {
  /** @returns null when nothing of the kind is to be had at that address. Aborted: the relay's exchange says so. */
  get(address: URL, ask: BlobAsk): Promise<IncomingMessage | null>;
  close(): void;
}

/** Asks without anything that says who asks: the address is the right to read. */
function createStoreReader(): StoreReader {
  const context = trustedAuthorities();
  const plain = new PlainAgent({ keepAlive: true });
  const secure = new SecureAgent({ keepAlive: true, ...(context ? { secureContext: context } : {}) });

  function request(address: URL, { range, signal }: BlobAsk): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const isSecure = address.protocol === 'https:';
      const options = { agent: isSecure ? secure : plain, signal, headers: { range } };
      const outgoing = (isSecure ? secureRequest : plainRequest)(address, options);
      const timer = setTimeout(() => outgoing.destroy(new Error('the store did not answer in time')), patienceMs);
      outgoing.once('response', (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      outgoing.end();
    });
  }

  return {
    async get(address, ask) {
      const response = await request(address, ask).catch(() => null);
      if (response === null || response.statusCode === 206 || response.statusCode === 200) return response;
      response.destroy();
      return null;
    },
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}
