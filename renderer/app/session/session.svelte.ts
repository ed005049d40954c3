/** Whether somebody is logged in here, as the engine tells it. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { InputOf } from '../../../bridge/contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { AccountView, SessionView } from '../../../bridge/views.ts';

type Engine = Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;

export class Session {
  readonly #engine: Engine;
  #view = $state.raw<SessionView | null>(null);
  #changes = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.on('session.changed', (view) => this.#take(view));
  }

  /** Null until the first answer. */
  get view(): SessionView | null {
    return this.#view;
  }
  get account(): AccountView | null {
    return this.#view?.state === 'signed-in' ? this.#view.account : null;
  }

  #take(view: SessionView): void {
    this.#changes += 1;
    this.#view = view;
  }

  async load(): Promise<void> {
    const changes = this.#changes;
    const view = await this.#engine.invoke('session.get');
    if (changes === this.#changes) this.#take(view);
  }

  async register(input: InputOf<EngineContract, 'session.register'>): Promise<void> {
    this.#take(await this.#engine.invoke('session.register', input));
  }

  async login(input: InputOf<EngineContract, 'session.login'>): Promise<void> {
    this.#take(await this.#engine.invoke('session.login', input));
  }

  async logout(erase: boolean): Promise<void> {
    await this.#engine.invoke('session.logout', { erase });
    await this.load();
  }

  async update(input: InputOf<EngineContract, 'account.update'>): Promise<void> {
    const account = await this.#engine.invoke('account.update', input);
    if (this.#view?.state === 'signed-in') this.#view = { ...this.#view, account };
  }
}
