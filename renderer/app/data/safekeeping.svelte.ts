/** The second copy of the history on this computer: whether it is kept, and how fresh it is. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { Safekeeping as SafekeepingView } from '../../../bridge/views.ts';
import { faultOf, type Fault } from '../faults.ts';

type Engine = Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;
export type SafekeepingPhase =
  { state: 'loading' } | { state: 'ready'; view: SafekeepingView } | { state: 'failed'; fault: Fault };

export class Safekeeping {
  readonly #engine: Engine;
  #phase = $state.raw<SafekeepingPhase>({ state: 'loading' });

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get phase(): SafekeepingPhase {
    return this.#phase;
  }

  /** Loads, and follows the engine. @returns stops that. */
  follow(): () => void {
    void this.load();
    return this.#engine.on('safekeeping.changed', (view) => (this.#phase = { state: 'ready', view }));
  }

  async load(): Promise<void> {
    try {
      this.#phase = { state: 'ready', view: await this.#engine.invoke('safekeeping.get') };
    } catch (error) {
      this.#phase = { state: 'failed', fault: faultOf(error) };
    }
  }

  /** Shows at once; the engine's answer has the last word. @throws what the engine says; the old state shows again then. */
  async keepCopy(keepCopy: boolean): Promise<void> {
    const before = this.#phase;
    if (before.state !== 'ready') return;
    this.#phase = { state: 'ready', view: { ...before.view, keepCopy } };
    try {
      this.#phase = { state: 'ready', view: await this.#engine.invoke('safekeeping.set', { keepCopy }) };
    } catch (error) {
      this.#phase = before;
      throw error;
    }
  }
}
