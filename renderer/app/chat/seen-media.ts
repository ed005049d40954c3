/** Tells the engine which messages with files came on screen, so that its rules can fetch them; each once. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { MessageView } from '../../../bridge/views.ts';
import type { ConversationId, MessageId } from '../ids.ts';

/** What is only scrolled past is not worth fetching. */
const settleMs = 200;
const mostAtOnce = 100;

export class SeenMedia {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke'>;
  readonly #conversation: ConversationId;
  readonly #told = new Set<MessageId>();
  #visible: readonly MessageId[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke'>, conversation: ConversationId) {
    this.#engine = engine;
    this.#conversation = conversation;
  }

  /** These messages are on screen now, and no others. */
  saw(messages: readonly MessageView[]): void {
    this.#visible = messages.filter(lacksFiles).map(({ id }) => id);
    if (this.#untold().length > 0) this.#timer ??= setTimeout(() => void this.#tell(), settleMs);
  }

  #untold(): MessageId[] {
    return this.#visible.filter((id) => !this.#told.has(id)).slice(0, mostAtOnce);
  }

  async #tell(): Promise<void> {
    this.#timer = undefined;
    const messages = this.#untold();
    if (messages.length === 0) return;
    for (const id of messages) this.#told.add(id);
    try {
      await this.#engine.invoke('media.seen', { conversation: this.#conversation, messages });
    } catch {
      // The next look at them tells them again.
      for (const id of messages) this.#told.delete(id);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function lacksFiles({ content, seq }: MessageView): boolean {
  return content.kind === 'media' && seq !== null && content.items.some(({ held, transfer }) => !held && !transfer);
}
