/** One connection to a NATS server while it lasts, and whether the server still answers on it. */
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { ProtocolHandler, Status, SubscriptionImpl } from '@nats-io/transport-node';
import { hangUp, waitingBytes } from './dial.ts';
import type { LeanSubscription } from './lean-subscription.ts';

export interface ConnectionEvents {
  /** The server does not allow something, or has something else to say against this connection. */
  onRefused(error: Error): void;
  /** The server lost others of its cluster, and with them what was on its way to or from them. */
  onServersLost(): void;
}

/** More than this waiting for a server that takes too little is not added to. */
const mostWaitingBytes = 16 * 1024 * 1024;

/** Connections of this process so far: numbers tell one from another. */
let connections = 0;

export class Connection {
  readonly #number = ++connections;
  readonly #handler: ProtocolHandler;
  readonly #events: ConnectionEvents;
  readonly #gone = new AbortController();
  #fault: unknown;
  #servers: readonly string[];

  constructor(handler: ProtocolHandler, events: ConnectionEvents) {
    this.#handler = handler;
    this.#events = events;
    this.#servers = handler.info?.connect_urls ?? [];
    handler.dispatchStatus = (status) => this.#hear(status);
    this.#guardReading();
    void handler.closed.then((error) => this.end(error));
  }

  /** Aborted once it has ended. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Why it ended. */
  get fault(): unknown {
    return this.#fault ?? this.#handler.lastError;
  }

  get server(): string {
    return this.#handler.getServer()?.listen ?? '';
  }

  /** `host:port` of the servers of the cluster, as this one knows them. */
  get servers(): readonly string[] {
    return this.#servers;
  }

  get maxBytes(): number {
    return this.#handler.info?.max_payload ?? 0;
  }

  /** @returns false when it was dropped, since too much waits already. */
  publish(name: string, bytes: Uint8Array, reply: string): boolean {
    if (waitingBytes(this.#handler) > mostWaitingBytes) return false;
    this.#handler.publish(name, bytes, { reply });
    return true;
  }

  /** Does nothing if it is subscribed on this connection already. */
  subscribe<K>(subscription: LeanSubscription<K>): void {
    if (subscription.connection === this.#number) return;
    subscription.connection = this.#number;
    // The library's class has more than it uses here: see `LeanSubscription`.
    this.#handler.subscribe(subscription as unknown as SubscriptionImpl);
  }

  unsubscribe<K>(subscription: LeanSubscription<K>): void {
    if (subscription.connection !== this.#number) return;
    this.#handler.unsubscribe(subscription as unknown as SubscriptionImpl);
  }

  /** Whether the server answers within that time; what was sent before has been processed then, and what it sent heard. */
  async answers(withinMs: number): Promise<boolean> {
    if (this.#gone.signal.aborted) return false;
    let answered = false;
    const settled = new AbortController();
    const give = (): void => settled.abort();
    this.#gone.signal.addEventListener('abort', give, { once: true, signal: settled.signal });
    this.#handler.flush().then(() => {
      answered = true;
      give();
    }, give);
    const late = await delay(withinMs, true, { signal: settled.signal }).catch(() => false);
    give();
    // If this process itself was held up, the answer may wait to be read.
    if (late) await nextTurn().then(() => nextTurn());
    return answered;
  }

  end(fault?: unknown): void {
    if (this.#gone.signal.aborted) return;
    this.#fault ??= fault;
    hangUp(this.#handler);
    this.#gone.abort();
  }

  /** The library would stop reading at what it cannot read, and print it: it may hold what people wrote. */
  #guardReading(): void {
    const { parser } = this.#handler;
    const parse = parser.parse.bind(parser);
    parser.parse = (bytes) => {
      try {
        parse(bytes);
      } catch {
        this.end(new Error('what the server says is not understood'));
      }
    };
  }

  #hear(status: Status): void {
    if (status.type === 'error') return this.#events.onRefused(status.error);
    if (status.type !== 'update') return;
    const servers = this.#handler.info?.connect_urls ?? [];
    const lost = this.#servers.some((server) => !servers.includes(server));
    this.#servers = servers;
    if (lost) this.#events.onServersLost();
  }
}
