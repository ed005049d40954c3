/** This node's way to NATS: a connection, made anew for ever and watched by pings. */
import { setTimeout as delay } from 'node:timers/promises';
import { PermissionViolationError } from '@nats-io/transport-node';
import { ParleyError } from '../../../protocol/index.ts';
import type { Log } from '../../ports/log.ts';
import type { BusTiming } from './bus-timing.ts';
import { Connection } from './connection.ts';
import { dial, type DialOptions } from './dial.ts';
import { explainFault } from './explain-fault.ts';
import type { LeanSubscription } from './lean-subscription.ts';
import { createReminder } from './reminder.ts';

export interface LinkDeps {
  readonly dialOptions: Omit<DialOptions, 'discovered' | 'timeoutMs'>;
  readonly timing: BusTiming;
  readonly log: Log;
  /** Milliseconds that only ever grow. */
  readonly elapsed: () => number;
  readonly random: () => number;
  /** What the server must allow, for an admin to read. */
  readonly permission: string;
  /** Everything that is to be heard, for a new connection. */
  subscriptions(): Iterable<LeanSubscription>;
  /** The server knows all subscriptions. @param lastGood until when all was well on the connection before; null at first. */
  onUp(lastGood: number | null): void;
  onDown(): void;
  onServersLost(): void;
}

/** Servers of a cluster that are tried besides those of the address. */
const mostDiscovered = 32;
/** Made within one turn of the event loop: some 10 ms. */
const sliceOfSubscriptions = 4_000;

const silence = (): Error => new Error('the server has stopped answering');

export class Link {
  readonly #deps: LinkDeps;
  readonly #stop = new AbortController();
  readonly #tell;
  readonly #tellOfRefusal;
  #connection: Connection | null = null;
  #up = false;
  /** When a ping was sent that the server answered. */
  #lastGood: number | null = null;
  #fault: unknown = null;
  #discovered: readonly string[] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(deps: LinkDeps) {
    this.#deps = deps;
    this.#tell = createReminder(deps.elapsed);
    this.#tellOfRefusal = createReminder(deps.elapsed);
  }

  /** @returns after the first attempt, whatever came of it; the others go on behind. */
  async start(): Promise<void> {
    await new Promise<void>((tried) => {
      this.#running = this.#run(tried);
    });
  }

  /** Ends only when the relay does: a fault of its own costs a connection, not the bus. */
  async #run(tried: () => void): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#keepConnected(tried);
      } catch (error) {
        this.#connection?.end(error);
        if (!signal.aborted) this.#deps.log.error('bus.failed', { error });
        tried();
        await delay(this.#deps.timing.backoffMs.most, null, { signal }).catch(() => {});
      }
    }
  }

  get up(): boolean {
    return this.#up;
  }

  /** Bytes of the largest note that the server takes. */
  get maxBytes(): number {
    return this.#connection?.maxBytes ?? 0;
  }

  /** @returns false when it was dropped: away, or too much waits already. */
  publish(name: string, bytes: Uint8Array, reply = ''): boolean {
    return this.#up && (this.#connection?.publish(name, bytes, reply) ?? false);
  }

  subscribe<K>(subscription: LeanSubscription<K>): void {
    this.#connection?.subscribe(subscription);
  }

  unsubscribe<K>(subscription: LeanSubscription<K>): void {
    this.#connection?.unsubscribe(subscription);
  }

  /**
   * Resolves once the server has processed what was sent before, and what it sent until then was heard.
   * @throws ParleyError `unavailable`
   */
  async roundTrip(withinMs: number): Promise<void> {
    const connection = this.#connection;
    if (!this.#up || !connection) throw this.unavailable();
    if (!(await connection.answers(withinMs))) throw this.unavailable(connection.fault ?? silence());
  }

  /** What keeps the bus from serving. */
  unavailable(fault: unknown = this.#fault): ParleyError {
    const { what, advice } = explainFault(fault);
    const where = this.#deps.dialOptions.address.hosts.join(', ');
    const message = `NATS cannot be reached at ${where}: ${what}. ${advice}. The relay keeps trying.`;
    return new ParleyError('unavailable', { message, cause: fault ?? undefined });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#connection?.end();
    await this.#running;
  }

  /** @param tried is called after each attempt. */
  async #keepConnected(tried: () => void): Promise<void> {
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted;) {
      const connection = await this.#connect();
      const opened = connection !== null && (await this.#open(connection));
      failures = opened ? 0 : failures + 1;
      if (!opened && !signal.aborted) this.#tell(() => this.#deps.log.warn('bus.unreachable', this.#described()));
      tried();
      if (opened) await this.#watch(connection);
      if (!signal.aborted) await delay(this.#backoff(failures), null, { signal });
    }
  }

  /** Half of it is chance, so that nodes that lost the same server do not come back all at once. */
  #backoff(failures: number): number {
    const { least, most } = this.#deps.timing.backoffMs;
    return Math.min(most, least * 2 ** Math.min(failures, 16)) * (0.5 + this.#deps.random() / 2);
  }

  async #connect(): Promise<Connection | null> {
    const { dialOptions, timing, onServersLost } = this.#deps;
    const options = { ...dialOptions, discovered: this.#discovered, timeoutMs: timing.dialMs };
    try {
      const handler = await dial(options, this.#stop.signal);
      return new Connection(handler, { onRefused: (error) => this.#warnOfRefusal(error), onServersLost });
    } catch (error) {
      this.#fault = error;
      return null;
    }
  }

  /** Subscribes to everything. @returns whether the server has taken it. */
  async #open(connection: Connection): Promise<boolean> {
    const { log, elapsed } = this.#deps;
    if (this.#stop.signal.aborted) connection.end();
    if (connection.gone.aborted) {
      this.#fault = connection.fault;
      return false;
    }
    this.#connection = connection;
    connection.gone.addEventListener('abort', () => this.#lose(connection), { once: true });
    const began = elapsed();
    if (!(await this.#subscribeAll(connection))) {
      connection.end(silence());
      return false;
    }
    this.#up = true;
    this.#tell.forget();
    log.info('bus.connected', { server: connection.server });
    const lastGood = this.#lastGood;
    this.#lastGood = began;
    this.#deps.onUp(lastGood);
    return true;
  }

  /**
   * In slices, since there may be hundreds of thousands: each is answered before the next one goes, so that a busy server
   * gets its time and is not taken for a silent one. Those that come meanwhile are subscribed by themselves.
   */
  async #subscribeAll(connection: Connection): Promise<boolean> {
    const { subscriptions, timing } = this.#deps;
    let count = 0;
    for (const subscription of subscriptions()) {
      connection.subscribe(subscription);
      if (++count % sliceOfSubscriptions === 0 && !(await connection.answers(timing.serverSilentMs))) return false;
    }
    return connection.answers(timing.serverSilentMs);
  }

  /** @returns once the connection is of no use any more. */
  async #watch(connection: Connection): Promise<void> {
    const { timing, elapsed } = this.#deps;
    for (;;) {
      await delay(timing.beatMs, null, { signal: connection.gone }).catch(() => {});
      const at = elapsed();
      if (!(await connection.answers(timing.serverSilentMs))) return connection.end(silence());
      this.#lastGood = at;
    }
  }

  #lose(connection: Connection): void {
    this.#connection = null;
    this.#fault = connection.fault;
    this.#discovered = connection.servers.slice(0, mostDiscovered);
    if (!this.#up) return;
    this.#up = false;
    if (!this.#stop.signal.aborted) this.#deps.log.warn('bus.lost', this.#described());
    this.#deps.onDown();
  }

  #warnOfRefusal(error: Error): void {
    const { log, permission } = this.#deps;
    const detail =
      error instanceof PermissionViolationError ? `Let the relay's user of NATS ${permission}.` : undefined;
    this.#tellOfRefusal(() => log.warn('bus.refused', { detail, error }));
  }

  #described(): { detail: string; error: unknown } {
    return { detail: this.unavailable().message, error: this.#fault ?? undefined };
  }
}
