/** The devices that are logged in to the account. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { DeviceView } from '../../../bridge/views.ts';
import { faultOf, type Fault } from '../faults.ts';

export type DevicesPhase =
  { state: 'loading' } | { state: 'ready'; devices: readonly DeviceView[] } | { state: 'failed'; fault: Fault };

export class Devices {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;
  #phase = $state.raw<DevicesPhase>({ state: 'loading' });

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke' | 'on'>) {
    this.#engine = engine;
  }

  get phase(): DevicesPhase {
    return this.#phase;
  }

  /** Loads, and again when one appears. @returns stops that. */
  follow(): () => void {
    void this.load();
    return this.#engine.on('devices.appeared', () => void this.load());
  }

  /** This device first, then by when they were last active. */
  async load(): Promise<void> {
    if (this.#phase.state === 'failed') this.#phase = { state: 'loading' };
    try {
      const devices = await this.#engine.invoke('devices.list');
      const sorted = [...devices].sort(
        (a, b) => Number(b.current) - Number(a.current) || b.lastActiveAt - a.lastActiveAt,
      );
      this.#phase = { state: 'ready', devices: sorted };
    } catch (error) {
      this.#phase = { state: 'failed', fault: faultOf(error) };
    }
  }
}
