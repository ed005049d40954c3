/** Devices that appeared on the account and that the person has not said to know yet. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { DeviceView } from '../../../bridge/views.ts';
import type { DeviceId } from '../ids.ts';

export class NewDevices {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;
  #unseen = $state.raw<readonly DeviceView[]>([]);
  /** Steps with every change, so that an answer to an older question does not undo it. */
  #changes = 0;

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke' | 'on'>) {
    this.#engine = engine;
    engine.on('devices.appeared', (devices) => this.#add(devices));
  }

  /** Newest last. */
  get unseen(): readonly DeviceView[] {
    return this.#unseen;
  }

  #add(devices: readonly DeviceView[]): void {
    this.#changes += 1;
    const known = this.#unseen.filter(({ id }) => !devices.some((one) => one.id === id));
    this.#unseen = [...known, ...devices].sort((a, b) => a.createdAt - b.createdAt);
  }

  #drop(devices: readonly DeviceId[]): void {
    this.#changes += 1;
    this.#unseen = this.#unseen.filter(({ id }) => !devices.includes(id));
  }

  async load(): Promise<void> {
    const changes = this.#changes;
    const devices = await this.#engine.invoke('devices.new');
    if (changes === this.#changes) this.#unseen = [];
    this.#add(devices);
  }

  /** The person knows them. @throws what the engine says; they stay on screen then. */
  async acknowledge(devices: readonly DeviceId[]): Promise<void> {
    await this.#engine.invoke('devices.acknowledge', { devices: [...devices] });
    this.#drop(devices);
  }

  /** It was somebody else. @throws what the engine says. */
  async revoke(device: DeviceId): Promise<void> {
    await this.#engine.invoke('devices.revoke', { device });
    await this.acknowledge([device]);
  }

  reset(): void {
    this.#changes += 1;
    this.#unseen = [];
  }
}
