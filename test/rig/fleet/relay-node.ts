/** One node of the fleet: its process through many lives, its ways to store and bus, and its clock. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnRelay, type SpawnedRelay } from '../../support/start-relay.ts';
import { FaultyLink } from '../net/faulty-link.ts';
import { rigSettings } from '../relay/rig-settings.ts';
import { canSkewClocks, openSkewedClock, type SkewedClock } from './skewed-clock.ts';
import { Turns } from './turns.ts';

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
  #relay: SpawnedRelay | null = null;
  #port = 0;
  readonly #words: string[] = [];

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
    return this.#port;
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get links(): readonly FaultyLink[] {
    return [this.toStore, ...this.toBus];
  }

  /** Its lives from now on are of another version of the relay. @param entry its program; null for this version. */
  install(entry: string | null): void {
    this.#entry = entry;
  }

  /** @returns once it serves, which takes a store that does. */
  async start(): Promise<void> {
    if (this.#relay) return;
    this.#relay = await spawnRelay({
      args: this.#args,
      dataDir: this.#home,
      port: this.#port,
      env: this.clock?.env ?? {},
      ...(this.#entry !== null && { entry: this.#entry }),
    });
    this.#port = this.#relay.port;
  }

  /** @returns whether it hit a process that was alive. */
  async kill(): Promise<boolean> {
    const struck = this.isAlive();
    await this.#end((relay) => relay.kill());
    return struck;
  }

  /** @returns the exit code; null when there was nothing to stop. */
  async stop(): Promise<number | null> {
    return this.#end((relay) => relay.stop());
  }

  /** Its process stays where it is, with all its connections. @returns whether it hit one that was alive. */
  pause(): boolean {
    return this.#signal('SIGSTOP');
  }

  resume(): boolean {
    return this.#signal('SIGCONT');
  }

  isAlive(): boolean {
    return this.#signal(0);
  }

  /** @returns what it said last, if it ended and nobody ended it. */
  endedByItself(): string | null {
    if (this.#relay === null || this.isAlive()) return null;
    const words = this.#relay.output();
    this.#words.push(words);
    this.#relay = null;
    return words.split('\n').slice(-20).join('\n');
  }

  /** What its lives wrote. */
  output(): string {
    return [...this.#words, this.#relay?.output() ?? ''].join('\n');
  }

  /** Writes that into a file of the run's folder. */
  keepWords(): void {
    writeFileSync(`${this.#home}.log`, this.output());
  }

  async close(): Promise<void> {
    for (const link of this.links) await link.close();
  }

  #signal(signal: NodeJS.Signals | 0): boolean {
    if (!this.#relay) return false;
    try {
      return process.kill(this.#relay.pid, signal);
    } catch {
      return false;
    }
  }

  async #end<T>(end: (relay: SpawnedRelay) => Promise<T>): Promise<T | null> {
    const relay = this.#relay;
    this.#relay = null;
    if (!relay) return null;
    const outcome = await end(relay);
    this.#words.push(relay.output());
    return outcome;
  }
}
