/** The devices that are logged in to the account. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { DeviceView } from '../../../bridge/views.ts';
import { faultOf, type Fault } from '../faults.ts';
import type { DeviceId } from '../ids.ts';

export type DevicesPhase =
  { state: 'loading' } | { state: 'ready'; devices: readonly DeviceView[] } | { state: 'failed'; fault: Fault };

export class Devices {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke'>;
  #phase = $state.raw<DevicesPhase>({ state: 'loading' });

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke'>) {
    this.#engine = engine;
  }

  get phase(): DevicesPhase {
    return this.#phase;
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

  async revoke(device: DeviceId): Promise<void> {
    await this.#engine.invoke('devices.revoke', { device });
    await this.load();
  }
}
