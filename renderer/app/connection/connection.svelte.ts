/** The state of the connection and of storage on this computer, as the banner shows them. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { ConnectionView, FaultView } from '../../../bridge/views.ts';
import { catchUp, type CatchUp } from './catch-up.ts';

export class Connection {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;
  #view = $state.raw<ConnectionView>({ state: 'connecting' });
  #catchUp = $state.raw<CatchUp | null>(null);
  #storageFault = $state.raw<FaultView | null>(null);
  #restarting = $state.raw(false);
  #changes = 0;

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke' | 'on'>) {
    this.#engine = engine;
    engine.on('connection.changed', (view) => this.#take(view));
    engine.on('storage.changed', (fault) => (this.#storageFault = fault));
  }

  get view(): ConnectionView {
    return this.#view;
  }
  /** What is on the relay may not be here yet, but soon. */
  get arriving(): boolean {
    return this.#view.state === 'connecting' || this.#view.state === 'syncing';
  }
  /** Null unless messages that were missed are coming in, or are still to come once the connection is back. */
  get catchUp(): CatchUp | null {
    return this.#catchUp;
  }
  get storageFault(): FaultView | null {
    return this.#storageFault;
  }
  /** The engine itself is being restarted. */
  get restarting(): boolean {
    return this.#restarting;
  }
  set restarting(restarting: boolean) {
    this.#restarting = restarting;
    if (restarting) this.#storageFault = null;
  }

  #take(view: ConnectionView): void {
    this.#changes += 1;
    this.#view = view;
    this.#catchUp = catchUp(this.#catchUp, view);
  }

  /** Somebody else may be logged in next. */
  reset(): void {
    this.#catchUp = null;
  }

  async load(): Promise<void> {
    const changes = this.#changes;
    const view = await this.#engine.invoke('connection.get');
    if (changes === this.#changes) this.#take(view);
  }

  async retry(): Promise<void> {
    await this.#engine.invoke('connection.retry');
  }
}
