/** Things the person should know once: shown until they are dismissed, or for some seconds when they are small. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import { faultOf } from '../faults.ts';

export interface Notice {
  readonly number: number;
  readonly message: string;
}

const mostShown = 4;
const shortMs = 4_000;

export class Notices {
  #shown = $state.raw<readonly Notice[]>([]);
  #last = 0;

  constructor(engine: Pick<RpcClient<EngineContract>, 'on'>) {
    engine.on('notice', ({ message }) => this.show(message));
  }

  get shown(): readonly Notice[] {
    return this.#shown;
  }

  /** Stays until it is dismissed. */
  show(message: string): number {
    const number = ++this.#last;
    const others = this.#shown.filter((notice) => notice.message !== message);
    this.#shown = [...others, { number, message }].slice(-mostShown);
    return number;
  }

  /** Goes away by itself: for what the person just did. */
  tell(message: string): void {
    const number = this.show(message);
    setTimeout(() => this.dismiss(number), shortMs);
  }

  fail(error: unknown): void {
    this.show(faultOf(error).message);
  }

  dismiss(number: number): void {
    this.#shown = this.#shown.filter((notice) => notice.number !== number);
  }
}
