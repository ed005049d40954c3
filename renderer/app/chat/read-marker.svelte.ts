/** Marks as read what was on screen while the window had the focus, and nothing else. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { ConversationId } from '../ids.ts';

const settleMs = 150;

export class ReadMarker {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke'>;
  readonly #conversation: ConversationId;
  readonly #watching: () => boolean;
  #visible = 0;
  #marked: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param readSeq how far the person had read before
   * @param watching whether the window has the focus now
   */
  constructor(
    engine: Pick<RpcClient<EngineContract>, 'invoke'>,
    conversation: ConversationId,
    readSeq: number,
    watching: () => boolean,
  ) {
    this.#engine = engine;
    this.#conversation = conversation;
    this.#marked = readSeq;
    this.#watching = watching;
  }

  /** The newest message on screen has this seq. Call it again when the window gets the focus. */
  saw(seq: number): void {
    this.#visible = seq;
    if (!this.#watching() || seq <= this.#marked) return;
    this.#timer ??= setTimeout(() => void this.#mark(), settleMs);
  }

  async #mark(): Promise<void> {
    this.#timer = undefined;
    const seq = this.#visible;
    if (!this.#watching() || seq <= this.#marked) return;
    const before = this.#marked;
    this.#marked = seq;
    try {
      await this.#engine.invoke('conversations.mark-read', { conversation: this.#conversation, seq });
    } catch {
      // The next look at the messages marks them again.
      this.#marked = Math.min(this.#marked, before);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
