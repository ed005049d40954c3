/** The relay of a run: one folder and one address through many lives of its process. */
import { join } from 'node:path';
import { spawnRelay, type SpawnedRelay } from '../../support/start-relay.ts';
import { openPowerCutDisk, type PowerCutDisk } from '../power/power-cut-disk.ts';
import type { SmallDisk } from '../small-disk.ts';

/** Short enough that dead links are noticed within a round; limits are a person's, but for those of one address. */
const settings = [
  ['--heartbeat-ms', '500'],
  ['--dead-after-ms', '1500'],
  ['--max-connections-per-address', '1000'],
  ['--max-greetings-per-address', '1000'],
  ['--max-devices-per-user', '1000'],
  // Small disks have no room to leave free.
  ['--media-reserve-bytes', '0'],
  ['--stop-timeout-ms', '1000'],
  ['--name', 'Rig'],
];

interface RelayHostParts {
  readonly folder: string;
  readonly disk: SmallDisk | null;
  /** Whether its writes are recorded for power cuts. */
  readonly recorded: boolean;
}

export class RelayHost {
  readonly dataDir: string;
  readonly disk: SmallDisk | null;
  readonly power: PowerCutDisk | null;
  #relay: SpawnedRelay | null = null;
  #port = 0;
  #turn: Promise<unknown> = Promise.resolve();
  /** What the relay wrote when it ended, by every life. */
  readonly words: string[] = [];

  constructor(parts: RelayHostParts) {
    this.disk = parts.disk;
    this.dataDir = join(parts.disk?.dir ?? parts.folder, 'relay');
    this.power = parts.recorded ? openPowerCutDisk(this.dataDir, join(parts.folder, 'relay-power')) : null;
  }

  get port(): number {
    return this.#port;
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number | null {
    return this.#relay?.pid ?? null;
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
    this.#relay = await spawnRelay({ args: settings.flat(), dataDir: this.dataDir, port: this.#port, env });
    this.#port = this.#relay.port;
  }

  /** @returns whether it hit a process that was alive. */
  async kill(): Promise<boolean> {
    const struck = this.isAlive();
    const relay = this.#take();
    await relay?.kill();
    return struck;
  }

  /** @returns the exit code; null when there was nothing to stop. */
  async stop(): Promise<number | null> {
    const relay = this.#take();
    return relay ? relay.stop() : null;
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
  lastWords(): string {
    return (this.#relay?.output() ?? '').split('\n').slice(-20).join('\n');
  }

  #take(): SpawnedRelay | null {
    const relay = this.#relay;
    if (relay) this.words.push(relay.output());
    this.#relay = null;
    return relay;
  }
}
