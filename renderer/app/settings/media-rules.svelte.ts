/** How files travel and which are fetched without asking; kept by the engine for the account. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { MediaSettings } from '../../../bridge/media-views.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import { faultOf, type Fault } from '../faults.ts';

type Engine = Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;
export type RulesPhase =
  { state: 'loading' } | { state: 'ready'; rules: MediaSettings } | { state: 'failed'; fault: Fault };

export class MediaRules {
  readonly #engine: Engine;
  #phase = $state.raw<RulesPhase>({ state: 'loading' });

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get phase(): RulesPhase {
    return this.#phase;
  }

  /** Loads, and follows changes made elsewhere. @returns stops that. */
  follow(): () => void {
    void this.load();
    return this.#engine.on('media.settings-changed', (rules) => (this.#phase = { state: 'ready', rules }));
  }

  async load(): Promise<void> {
    try {
      this.#phase = { state: 'ready', rules: await this.#engine.invoke('media.settings') };
    } catch (error) {
      this.#phase = { state: 'failed', fault: faultOf(error) };
    }
  }

  /** Shows at once; the engine's answer has the last word. @throws what the engine says; the old rules show again then. */
  async set(changes: Partial<MediaSettings>): Promise<void> {
    const before = this.#phase;
    if (before.state !== 'ready') return;
    this.#phase = { state: 'ready', rules: { ...before.rules, ...changes } };
    try {
      this.#phase = { state: 'ready', rules: await this.#engine.invoke('media.set-settings', changes) };
    } catch (error) {
      this.#phase = before;
      throw error;
    }
  }
}
