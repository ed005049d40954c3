/** The relay of a run: one folder and one address through many lives of its process. */
import { writeFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStore, type SqliteStore } from '../../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import { openPowerCutDisk, type PowerCutDisk } from '../power/power-cut-disk.ts';
import type { SmallDisk } from '../small-disk.ts';
import { Turns } from '../turns.ts';
import { RelayLives } from './relay-lives.ts';
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
  /** Starting and ending, one after another. */
  readonly turns = new Turns();
  readonly dataDir: string;
  readonly disk: SmallDisk | null;
  readonly power: PowerCutDisk | null;
  readonly #lives = new RelayLives();
  readonly #folder: string;
  #hasCopy = false;

  constructor(parts: RelayHostParts) {
    this.disk = parts.disk;
    this.#folder = parts.folder;
    this.dataDir = join(parts.disk?.dir ?? parts.folder, 'relay');
    this.power = parts.recorded ? openPowerCutDisk(this.dataDir, join(parts.folder, 'relay-power')) : null;
  }

  get address(): string {
    return this.#lives.address;
  }

  get addresses(): readonly string[] {
    return [this.address];
  }

  ports(): readonly number[] {
    return [this.#lives.port];
  }

  async start(): Promise<void> {
    // Recording anew forgets what the present life wrote.
    if (this.#lives.isStarted) return;
    await this.#lives.start({ args: [...rigSettings], dataDir: this.dataDir, env: this.power?.begin() ?? {} });
  }

  /** @returns whether it hit a process that was alive. */
  kill(): Promise<boolean> {
    return this.#lives.kill();
  }

  /** @returns the exit code; null when there was nothing to stop. */
  stop(): Promise<number | null> {
    return this.#lives.stop();
  }

  async comeBack(): Promise<string[]> {
    const words = this.#lives.endedByItself();
    await this.turns.take(() => this.start());
    return words === null ? [] : [`the relay ended by itself:\n${words}`];
  }

  async end(): Promise<string[]> {
    await this.turns.take(() => this.stop());
    return [];
  }

  /** It must have ended. */
  async keepCopy(): Promise<void> {
    await replace(this.dataDir, this.#copy);
    this.#hasCopy = true;
  }

  /** It must have ended. @returns whether there was a copy. */
  async putBack(): Promise<boolean> {
    if (this.#hasCopy) await replace(this.#copy, this.dataDir);
    return this.#hasCopy;
  }

  get #copy(): string {
    return join(this.#folder, 'relay-copy');
  }

  openStore(): Promise<SqliteStore> {
    return openSqliteStore({ dataDir: this.dataDir, clock: Date.now, log: silentLog, metrics: silentMetrics });
  }

  async clearAway(keep: boolean): Promise<void> {
    if (keep) writeFileSync(join(this.#folder, 'relay.log'), this.#lives.output());
    this.disk?.remove(keep);
  }
}

/** Without the sockets of processes. */
async function replace(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, filter: (path) => !path.endsWith('.sock') });
}
