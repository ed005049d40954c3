/** A relay's process through many lives at one port, and what each life wrote. */
import { spawnRelay, type SpawnedRelay } from '../../support/start-relay.ts';

type LifeOptions = Omit<NonNullable<Parameters<typeof spawnRelay>[0]>, 'port'>;

export class RelayLives {
  #relay: SpawnedRelay | null = null;
  #port = 0;
  readonly #words: string[] = [];

  /** That of the first life, for all. */
  get port(): number {
    return this.#port;
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get isStarted(): boolean {
    return this.#relay !== null;
  }

  /** @returns once it serves. */
  async start(options: LifeOptions): Promise<void> {
    if (this.#relay) return;
    this.#relay = await spawnRelay({ ...options, port: this.#port });
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

  isAlive(): boolean {
    return this.signal(0);
  }

  /** @returns whether it hit a process that was alive. */
  signal(signal: NodeJS.Signals | 0): boolean {
    if (!this.#relay) return false;
    try {
      return process.kill(this.#relay.pid, signal);
    } catch {
      return false;
    }
  }

  /** @returns what it said last, if it ended and nobody ended it. */
  endedByItself(): string | null {
    if (this.#relay === null || this.isAlive()) return null;
    const words = this.#relay.output();
    this.#words.push(words);
    this.#relay = null;
    return words.split('\n').slice(-20).join('\n');
  }

  output(): string {
    return [...this.#words, this.#relay?.output() ?? ''].join('\n');
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
