/** Counts connections by the address they come from. */
import { ParleyError } from '../../protocol/index.ts';
import type { RelaySettings } from '../relay/settings.ts';

type Caps = Pick<RelaySettings, 'maxConnections' | 'maxConnectionsPerAddress' | 'maxGreetingsPerAddress'>;

interface Count {
  connections: number;
  greetings: number;
}

export class Addresses {
  readonly #caps: Caps;
  readonly #counts = new Map<string, Count>();
  #connections = 0;
  #greetings = 0;

  constructor(caps: Caps) {
    this.#caps = caps;
  }

  get connections(): number {
    return this.#connections;
  }

  /** Connections that have not said hello yet. */
  get greetings(): number {
    return this.#greetings;
  }

  /** @returns why this address may not open one more connection; null when it may. */
  refusal(address: string): ParleyError | null {
    const { connections = 0, greetings = 0 } = this.#counts.get(address) ?? {};
    const { maxConnections, maxConnectionsPerAddress, maxGreetingsPerAddress } = this.#caps;
    if (
      this.#connections < maxConnections &&
      connections < maxConnectionsPerAddress &&
      greetings < maxGreetingsPerAddress
    )
      return null;
    const message = 'There are too many connections from your network to this relay. Try again in a while.';
    return new ParleyError('too_many_connections', { message, retryAfterMs: 10_000 });
  }

  opened(address: string): void {
    this.#change(address, 1, 1);
  }

  greeted(address: string): void {
    this.#change(address, 0, -1);
  }

  closed(address: string, wasGreeting: boolean): void {
    this.#change(address, -1, wasGreeting ? -1 : 0);
  }

  #change(address: string, connections: number, greetings: number): void {
    const count = this.#counts.get(address) ?? { connections: 0, greetings: 0 };
    count.connections += connections;
    count.greetings += greetings;
    this.#connections += connections;
    this.#greetings += greetings;
    if (count.connections > 0) this.#counts.set(address, count);
    else this.#counts.delete(address);
  }
}
