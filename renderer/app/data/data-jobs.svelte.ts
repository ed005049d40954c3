/** Work on all data of the account: beginning it, how far it is, what came of it. One at a time. */
import type { Bridge } from '../../../bridge/page-client.ts';
import type { DataJob } from '../../../bridge/views.ts';
import { jobWords } from './data-words.ts';

export class DataJobs {
  readonly #bridge: Pick<Bridge, 'engine' | 'shell'>;
  readonly #tell: (words: string) => void;
  /** How many parts of the screen show the job. */
  #shown = 0;
  #job = $state.raw<DataJob | null>(null);
  #changes = 0;

  /** @param tell says what came of a job that is nowhere on screen */
  constructor(bridge: Pick<Bridge, 'engine' | 'shell'>, tell: (words: string) => void) {
    this.#bridge = bridge;
    this.#tell = tell;
    bridge.engine.on('data.job-changed', (job) => {
      this.#take(job);
      if (job.state !== 'running' && this.#shown === 0) this.#tell(jobWords(job));
    });
  }

  /** The present one, or the last one until it is dismissed. */
  get job(): DataJob | null {
    return this.#job;
  }
  get running(): boolean {
    return this.#job?.state === 'running';
  }

  /** The job is on screen from now on. @returns ends that. */
  show(): () => void {
    this.#shown += 1;
    return () => (this.#shown -= 1);
  }

  #take(job: DataJob | null): void {
    this.#changes += 1;
    this.#job = job;
  }

  async load(): Promise<void> {
    const changes = this.#changes;
    const job = await this.#bridge.engine.invoke('data.job');
    if (changes === this.#changes) this.#job = job;
  }

  /** The shell asks for a place first. @returns false when the person chose none. @throws what shell or engine say. */
  async begin(job: 'export' | 'import'): Promise<boolean> {
    return (await this.#bridge.shell.invoke(`data.${job}`)).begun;
  }

  /** As `begin`. */
  async beginSealed(job: 'backup' | 'restore', passphrase: string): Promise<boolean> {
    return (await this.#bridge.shell.invoke(`data.${job}`, { passphrase })).begun;
  }

  async cancel(): Promise<void> {
    await this.#bridge.engine.invoke('data.cancel');
  }

  /** Takes what came of the last one off the screen. */
  dismiss(): void {
    if (!this.running) this.#take(null);
  }
}
