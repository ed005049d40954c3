/** The relay of a run: one folder and one address through many lives of its process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore, type SqliteStore } from '../../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import { spawnRelay, type SpawnedRelay } from '../../support/start-relay.ts';
import { openPowerCutDisk, type PowerCutDisk } from '../power/power-cut-disk.ts';
import type { SmallDisk } from '../small-disk.ts';
import { rigSettings } from './rig-settings.ts';
import { silentLog } from './silent-log.ts';
import type { RelayUnderTest } from './relay-under-test.ts';

interface RelayHostParts {
  readonly folder: string;
  readonly disk: SmallDisk | null;
  /** Whether its writes are recorded for power cuts. */
  readonly recorded: boolean;
}

export class RelayHost implements RelayUnderTest {
  readonly dataDir: string;
  readonly disk: SmallDisk | null;
  readonly power: PowerCutDisk | null;
  #relay: SpawnedRelay | null = null;
  #port = 0;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #folder: string;
  /** What it wrote, by life. */
  readonly #words: string[] = [];

  constructor(parts: RelayHostParts) {
    this.disk = parts.disk;
    this.#folder = parts.folder;
    this.dataDir = join(parts.disk?.dir ?? parts.folder, 'relay');
    this.power = parts.recorded ? openPowerCutDisk(this.dataDir, join(parts.folder, 'relay-power')) : null;
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get addresses(): readonly string[] {
    return [this.address];
  }

  ports(): readonly number[] {
    return [this.#port];
  }

  /** Starting and ending, one after another. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async start(): Promise<void> {
    if (this.#relay) return;
    const env = this.power?.begin() ?? {};
    this.#relay = await spawnRelay({ args: [...rigSettings], dataDir: this.dataDir, port: this.#port, env });
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

  async comeBack(): Promise<string[]> {
    const ended = this.#relay !== null && !this.isAlive() ? [`the relay ended by itself:\n${this.#lastWords()}`] : [];
    await this.inTurn(() => this.start());
    return ended;
  }

  async end(): Promise<string[]> {
    await this.inTurn(() => this.stop());
    return [];
  }

  openStore(): Promise<SqliteStore> {
    return openSqliteStore({ dataDir: this.dataDir, clock: Date.now, log: silentLog, metrics: silentMetrics });
  }

  async clearAway(keep: boolean): Promise<void> {
    if (keep) writeFileSync(join(this.#folder, 'relay.log'), this.#words.join('\n'));
    this.disk?.remove(keep);
  }

  isAlive(): boolean {
    if (!this.#relay) return false;
    try {
      process.kill(this.#relay.pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  /** The last lines of the present life's log. */
  #lastWords(): string {
    return (this.#relay?.output() ?? '').split('\n').slice(-20).join('\n');
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
