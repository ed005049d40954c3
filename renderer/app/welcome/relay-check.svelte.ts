/** Checks the relay's address while typing stops; only the answer about what stands in the field counts. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { RelayView } from '../../../bridge/views.ts';
import { faultOf, type Fault } from '../faults.ts';

export type RelayResult =
  { state: 'empty' } | { state: 'checking' } | { state: 'found'; relay: RelayView } | { state: 'failed'; fault: Fault };

export class RelayCheck {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke'>;
  readonly #delayMs: number;
  #address = $state.raw('');
  #result = $state.raw<RelayResult>({ state: 'empty' });
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke'>, delayMs = 400) {
    this.#engine = engine;
    this.#delayMs = delayMs;
  }

  get address(): string {
    return this.#address;
  }
  set address(address: string) {
    if (address === this.#address) return;
    this.#address = address;
    this.#begin(this.#delayMs);
  }
  get result(): RelayResult {
    return this.#result;
  }
  get relay(): RelayView | null {
    return this.#result.state === 'found' ? this.#result.relay : null;
  }

  /** Doesn't wait for typing to stop: the person pressed Enter, left the field or wants another try. */
  now(): void {
    if (this.#result.state !== 'found') this.#begin(0);
  }

  #begin(delayMs: number): void {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const address = this.#address.trim();
    this.#result = address === '' ? { state: 'empty' } : { state: 'checking' };
    if (address !== '') this.#timer = setTimeout(() => void this.#ask(address, asked), delayMs);
  }

  async #ask(address: string, asked: number): Promise<void> {
    try {
      const relay = await this.#engine.invoke('relay.check', { address });
      if (asked === this.#asked) this.#result = { state: 'found', relay };
    } catch (error) {
      if (asked === this.#asked) this.#result = { state: 'failed', fault: faultOf(error) };
    }
  }
}
