/** A stretch of network: an address that stays, whoever is behind it, and faults on the way there. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Tally } from '../tally.ts';
import { dial } from './dial.ts';
import type { Weather } from './lane.ts';
import { ProxiedConnection } from './proxied-connection.ts';
import type { WireWitness } from './wire-witness.ts';

interface LinkDeps {
  /** Where a new connection goes: the first of these ports that takes it, as a balancer finds one that is alive. */
  readonly ports: () => readonly number[];
  /** Reads what relays say to devices; null where others talk. */
  readonly witness: WireWitness | null;
  /** Counts what struck; null where the fault that uses the link does. */
  readonly tally: Pick<Tally, 'add'> | null;
}

const clear: Weather = { state: 'clear' };
const shut: Weather = { state: 'shut' };

export class FaultyLink {
  readonly #deps: LinkDeps;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  /** They will never hear of anything again, and nobody tells them. */
  readonly #dead = new Set<ProxiedConnection>();
  readonly #timers = new Map<NodeJS.Timeout, () => void>();
  #weather: Weather = clear;
  #refusing = false;
  #losesAnswer = false;

  private constructor(deps: LinkDeps, server: Server) {
    this.#deps = deps;
    this.#server = server;
    server.on('connection', (socket) => void this.#accept(socket));
  }

  static async open(deps: LinkDeps): Promise<FaultyLink> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new FaultyLink(deps, server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** @returns how many were open. */
  cut(name = 'cut'): number {
    const open = this.#open();
    for (const connection of open) {
      this.#deps.tally?.add(`${name}: open connections broken`);
      connection.cut();
    }
    return open.length;
  }

  /** @returns how many were open. */
  slow(ms: number, bytesPerTick: number): number {
    const { length } = this.#open();
    this.#deps.tally?.add('slow: open connections slowed', length);
    this.#change({ state: 'slow', bytesPerTick });
    this.#later(ms, () => this.#change(clear));
    return length;
  }

  /** @returns how many were open. */
  hole(ms: number, ends: 'resumes' | 'dies'): number {
    const before = this.#open();
    this.#deps.tally?.add(`hole that ${ends}: open connections silenced`, before.length);
    this.#change(shut);
    this.#later(ms, () => {
      if (ends === 'dies') this.#leaveDead(before);
      this.#change(clear);
    });
    return before.length;
  }

  late(ms: number): void {
    const before = this.#open();
    this.#deps.tally?.add('late: connections broken on one side', before.length);
    for (const connection of before) connection.loseDevice();
    for (const connection of before) this.#dead.add(connection);
    this.#later(ms, () => {
      for (const connection of before) {
        this.#dead.delete(connection);
        connection.setWeather(clear);
      }
    });
  }

  loseAnswer(): void {
    this.#losesAnswer = true;
  }

  refuse(ms: number): void {
    this.#deps.tally?.add('refuse');
    this.#refusing = true;
    this.#later(ms, () => (this.#refusing = false));
  }

  /** All faults are over, but for connections that were left dead. */
  heal(): void {
    for (const [timer, run] of [...this.#timers]) {
      clearTimeout(timer);
      run();
    }
    this.#losesAnswer = false;
  }

  async close(): Promise<void> {
    this.heal();
    for (const connection of [...this.#connections]) connection.cut();
    await new Promise((done) => this.#server.close(done));
  }

  #open(): ProxiedConnection[] {
    return [...this.#connections].filter((connection) => connection.isOpen && !this.#dead.has(connection));
  }

  async #accept(near: Socket): Promise<void> {
    near.on('error', () => {});
    if (this.#refusing) {
      this.#deps.tally?.add('refuse: connections refused');
      near.resetAndDestroy();
      return;
    }
    const far = await dial(this.#deps.ports());
    if (far === null || near.destroyed || !this.#server.listening) {
      far?.destroy();
      near.destroySoon();
    } else this.#join(near, far);
  }

  #join(near: Socket, far: Socket): void {
    const connection: ProxiedConnection = new ProxiedConnection(near, far, this.#weather, {
      onMessage: this.#deps.witness && ((bytes) => this.#passes(bytes)),
      onGone: () => {
        this.#connections.delete(connection);
        this.#dead.delete(connection);
      },
    });
    this.#connections.add(connection);
  }

  #passes(bytes: Uint8Array): boolean {
    const said = this.#deps.witness?.take(bytes);
    if (!said?.hasAnswer || !this.#losesAnswer) return true;
    this.#losesAnswer = false;
    this.#deps.tally?.add('lose-answer: answers lost');
    return false;
  }

  #change(weather: Weather): void {
    this.#weather = weather;
    for (const connection of this.#connections) if (!this.#dead.has(connection)) connection.setWeather(weather);
  }

  /** Those that were open stay silent for good; those that were made in the hole never came about. */
  #leaveDead(before: readonly ProxiedConnection[]): void {
    for (const connection of [...this.#connections]) {
      if (this.#dead.has(connection)) continue;
      if (before.includes(connection)) this.#dead.add(connection);
      else connection.cut();
    }
  }

  #later(ms: number, run: () => void): void {
    const timer = setTimeout(() => end(), ms);
    const end = (): void => {
      this.#timers.delete(timer);
      run();
    };
    this.#timers.set(timer, end);
  }
}
