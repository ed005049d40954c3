/** The network of one device: an address that stays, and faults between it and the relay. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Tally } from '../tally.ts';
import type { Weather } from './lane.ts';
import { ProxiedConnection } from './proxied-connection.ts';
import type { WireWitness } from './wire-witness.ts';

interface ProxyDeps {
  readonly relayPort: number;
  readonly witness: WireWitness;
  readonly tally: Tally;
}

const clear: Weather = { state: 'clear' };
const shut: Weather = { state: 'shut' };

export class DeviceProxy {
  readonly #deps: ProxyDeps;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  /** They will never hear of anything again, and nobody tells them. */
  readonly #dead = new Set<ProxiedConnection>();
  readonly #timers = new Map<NodeJS.Timeout, () => void>();
  #weather: Weather = clear;
  #refusing = false;
  #losesAnswer = false;

  private constructor(deps: ProxyDeps, server: Server) {
    this.#deps = deps;
    this.#server = server;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async open(deps: ProxyDeps): Promise<DeviceProxy> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new DeviceProxy(deps, server);
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(name = 'cut'): void {
    for (const connection of this.#open()) {
      this.#deps.tally.add(`${name}: open connections broken`);
      connection.cut();
    }
  }

  slow(ms: number, bytesPerTick: number): void {
    this.#deps.tally.add('slow: open connections slowed', this.#open().length);
    this.#change({ state: 'slow', bytesPerTick });
    this.#later(ms, () => this.#change(clear));
  }

  hole(ms: number, ends: 'resumes' | 'dies'): void {
    const before = this.#open();
    this.#deps.tally.add(`hole that ${ends}: open connections silenced`, before.length);
    this.#change(shut);
    this.#later(ms, () => {
      if (ends === 'dies') this.#leaveDead(before);
      this.#change(clear);
    });
  }

  late(ms: number): void {
    const before = this.#open();
    this.#deps.tally.add('late: connections broken on one side', before.length);
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
    this.#deps.tally.add('refuse');
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

  #accept(socket: Socket): void {
    if (this.#refusing) {
      this.#deps.tally.add('refuse: connections refused');
      socket.on('error', () => {});
      socket.resetAndDestroy();
      return;
    }
    const connection: ProxiedConnection = new ProxiedConnection(socket, this.#deps.relayPort, this.#weather, {
      onMessage: (bytes) => this.#passes(bytes),
      onGone: () => {
        this.#connections.delete(connection);
        this.#dead.delete(connection);
      },
    });
    this.#connections.add(connection);
  }

  #passes(bytes: Uint8Array): boolean {
    const { hasAnswer } = this.#deps.witness.take(bytes);
    if (!hasAnswer || !this.#losesAnswer) return true;
    this.#losesAnswer = false;
    this.#deps.tally.add('lose-answer: answers lost');
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
