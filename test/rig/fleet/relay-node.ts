/** One node of the fleet: its process through many lives, its ways to store and bus, and its clock. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultyLink } from '../net/faulty-link.ts';
import { RelayLives } from '../relay/relay-lives.ts';
import { rigSettings } from '../relay/rig-settings.ts';
import { canSkewClocks, openSkewedClock, type SkewedClock } from './skewed-clock.ts';
import { Turns } from '../turns.ts';

interface RelayNodeParts {
  readonly index: number;
  /** Of the run. */
  readonly folder: string;
  /** Where the store is now, and its URL at a port of one's own. */
  readonly store: { readonly port: number; url(port: number): string };
  readonly busPorts: readonly number[];
  /** A folder that all nodes share, as if it were a network's. */
  readonly blobs: string;
}

export class RelayNode {
  readonly turns = new Turns();
  readonly index: number;
  readonly toStore: FaultyLink;
  readonly toBus: readonly FaultyLink[];
  readonly clock: SkewedClock | null;
  readonly #home: string;
  readonly #args: readonly string[];
  /** Of the version that its next life is of; null for this one. */
  #entry: string | null = null;
  readonly #lives = new RelayLives();

  private constructor(parts: RelayNodeParts, toStore: FaultyLink, toBus: readonly FaultyLink[]) {
    this.index = parts.index;
    this.toStore = toStore;
    this.toBus = toBus;
    this.#home = join(parts.folder, `node-${parts.index}`);
    mkdirSync(this.#home);
    symlinkSync(parts.blobs, join(this.#home, 'blobs'));
    this.clock = canSkewClocks() ? openSkewedClock(join(parts.folder, `clock-${parts.index}`)) : null;
    const bus = toBus.map(({ port }) => `nats://127.0.0.1:${port}`).join(',');
    this.#args = [...rigSettings, '--store', parts.store.url(toStore.port), '--bus', bus];
  }

  static async open(parts: RelayNodeParts): Promise<RelayNode> {
    const link = (ports: () => readonly number[]) => FaultyLink.open({ ports, witness: null, tally: null });
    const toStore = await link(() => [parts.store.port]);
    const toBus = await Promise.all(parts.busPorts.map((port) => link(() => [port])));
    return new RelayNode(parts, toStore, toBus);
  }

  get port(): number {
    return this.#lives.port;
  }

  get address(): string {
    return this.#lives.address;
  }

  get links(): readonly FaultyLink[] {
    return [this.toStore, ...this.toBus];
  }

  /** Its lives from now on are of another version of the relay. @param entry its program; null for this version. */
  install(entry: string | null): void {
    this.#entry = entry;
  }

  /** @returns once it serves, which takes a store that does. */
  start(): Promise<void> {
    const entry = this.#entry === null ? {} : { entry: this.#entry };
    return this.#lives.start({ args: [...this.#args], dataDir: this.#home, env: this.clock?.env ?? {}, ...entry });
  }

  /** @returns whether it hit a process that was alive. */
  kill(): Promise<boolean> {
    return this.#lives.kill();
  }

  /** @returns the exit code; null when there was nothing to stop. */
  stop(): Promise<number | null> {
    return this.#lives.stop();
  }

  /** Its process stays where it is, with all its connections. @returns whether it hit one that was alive. */
  pause(): boolean {
    return this.#lives.signal('SIGSTOP');
  }

  resume(): boolean {
    return this.#lives.signal('SIGCONT');
  }

  isAlive(): boolean {
    return this.#lives.isAlive();
  }

  /** @returns what it said last, if it ended and nobody ended it. */
  endedByItself(): string | null {
    return this.#lives.endedByItself();
  }

  /** Writes what its lives wrote into a file of the run's folder. */
  keepWords(): void {
    writeFileSync(`${this.#home}.log`, this.#lives.output());
  }

  async close(): Promise<void> {
    for (const link of this.links) await link.close();
  }
}
