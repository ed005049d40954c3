/** All transfers that the engine tells of: what the panel lists and what every picture and file shows of its own. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { MediaRef, TransferView } from '../../../bridge/media-views.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import { faultOf, type Fault } from '../faults.ts';
import type { Notices } from '../notices/notices.svelte.ts';
import { compareTransfers, isFinished, overallProgress, refKey } from './transfer-order.ts';
import { statusWords, transferName } from './transfer-words.ts';

type Engine = Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;
type Act = 'transfers.start' | 'transfers.pause' | 'transfers.cancel';
export type BoardPhase = { state: 'loading' } | { state: 'ready' } | { state: 'failed'; fault: Fault };

export class TransferBoard {
  readonly #engine: Engine;
  readonly #notices: Pick<Notices, 'fail'>;
  #byRef = $state.raw<ReadonlyMap<string, TransferView>>(new Map());
  #phase = $state.raw<BoardPhase>({ state: 'loading' });
  readonly #all = $derived([...this.#byRef.values()].sort(compareTransfers));
  readonly #unfinished = $derived(this.#all.filter((view) => !isFinished(view)));
  readonly #moving = $derived(this.#all.filter(({ state }) => state === 'active' || state === 'preparing'));
  readonly #progress = $derived(overallProgress(this.#moving));
  #announcement = $state.raw('');
  #loads = 0;
  /** What changed since the present load was asked for: newer than anything in its answer. */
  #changed = new Set<string>();

  constructor(engine: Engine, notices: Pick<Notices, 'fail'>) {
    this.#engine = engine;
    this.#notices = notices;
    engine.on('transfers.changed', (changed) => this.#take(changed));
  }

  get phase(): BoardPhase {
    return this.#phase;
  }
  /** Newest message first. */
  get all(): readonly TransferView[] {
    return this.#all;
  }
  /** Those that still have a way to go, paused and waiting ones included. */
  get unfinished(): readonly TransferView[] {
    return this.#unfinished;
  }
  /** Those whose bytes move or are being sealed. */
  get moving(): readonly TransferView[] {
    return this.#moving;
  }
  /** Of all that moves together, 0 to 1; null while nothing moves. */
  get progress(): number | null {
    return this.#progress;
  }
  /** For screen readers: only what failed, and that everything is through. */
  get announcement(): string {
    return this.#announcement;
  }
  /** Newer than what a message carries; null for a file that neither travels nor did since the engine started. */
  viewOf(ref: MediaRef): TransferView | null {
    return this.#byRef.get(refKey(ref)) ?? null;
  }

  /** Called again it refreshes what is shown without emptying it. */
  async load(): Promise<void> {
    const load = ++this.#loads;
    this.#changed = new Set();
    if (this.#phase.state === 'failed') this.#phase = { state: 'loading' };
    try {
      const listed = await this.#engine.invoke('transfers.list');
      if (load !== this.#loads) return;
      const newer = [...this.#byRef].filter(([key]) => this.#changed.has(key));
      this.#byRef = new Map([...listed.map((view) => [refKey(view.ref), view] as const), ...newer]);
      this.#phase = { state: 'ready' };
    } catch (error) {
      if (load === this.#loads && this.#phase.state !== 'ready')
        this.#phase = { state: 'failed', fault: faultOf(error) };
    }
  }

  /** Somebody else may be logged in next: forgets everything. */
  reset(): void {
    this.#loads += 1;
    this.#byRef = new Map();
    this.#phase = { state: 'loading' };
  }

  /** Fetches, goes on, or tries again. */
  start(ref: MediaRef): Promise<void> {
    return this.#act('transfers.start', [ref]);
  }
  pause(ref: MediaRef): Promise<void> {
    return this.#act('transfers.pause', [ref]);
  }
  cancel(ref: MediaRef): Promise<void> {
    return this.#act('transfers.cancel', [ref]);
  }

  pauseAll(): Promise<void> {
    return this.#act('transfers.pause', refsOf(this.#unfinished, 'waiting', 'active'));
  }
  startAll(): Promise<void> {
    return this.#act('transfers.start', refsOf(this.#unfinished, 'paused'));
  }

  /** Takes what is over off the list. */
  async clear(): Promise<void> {
    try {
      await this.#engine.invoke('transfers.clear');
      this.#byRef = new Map([...this.#byRef].filter(([, view]) => !isFinished(view)));
    } catch (error) {
      this.#notices.fail(error);
    }
  }

  async #act(act: Act, refs: readonly MediaRef[]): Promise<void> {
    const done = await Promise.allSettled(refs.map((ref) => this.#engine.invoke(act, ref)));
    const failed = done.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') this.#notices.fail(failed.reason);
  }

  #take(changed: readonly TransferView[]): void {
    const entries = changed.map((view) => [refKey(view.ref), view] as const);
    for (const [key] of entries) this.#changed.add(key);
    const before = this.#byRef;
    this.#byRef = new Map([...before, ...entries]);
    const ended = changed.filter((view) => endsNow(view, before.get(refKey(view.ref))));
    const failed = ended.find(({ state }) => state === 'failed');
    if (failed) this.#announcement = `${transferName(failed)}: ${statusWords(failed)}`;
    else if (ended.length > 0 && this.#moving.length === 0) this.#announcement = 'All files are through.';
  }
}

function endsNow(view: TransferView, before: TransferView | undefined): boolean {
  return before !== undefined && before.state !== view.state && (view.state === 'done' || view.state === 'failed');
}

function refsOf(views: readonly TransferView[], ...states: TransferView['state'][]): MediaRef[] {
  return views.filter(({ state }) => states.includes(state)).map(({ ref }) => ref);
}
