/** What a person does with a whole conversation; a failure becomes a notice. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { ConversationView } from '../../../bridge/views.ts';

export interface RowActs {
  pin(conversation: ConversationView, pinned: boolean): void;
  /** @param forMs null for always */
  mute(conversation: ConversationView, forMs: number | null): void;
  unmute(conversation: ConversationView): void;
  markRead(conversation: ConversationView): void;
}

export function createRowActs(
  engine: Pick<RpcClient<EngineContract>, 'invoke'>,
  notices: { fail(error: unknown): void },
): RowActs {
  const told = (work: Promise<void>): void => void work.catch((error: unknown) => notices.fail(error));
  return {
    pin: ({ id }, pinned) => told(engine.invoke('conversations.pin', { conversation: id, pinned })),
    mute: ({ id }, forMs) => told(engine.invoke('conversations.mute', { conversation: id, mute: { forMs } })),
    unmute: ({ id }) => told(engine.invoke('conversations.mute', { conversation: id, mute: null })),
    markRead: ({ id, head }) => told(engine.invoke('conversations.mark-read', { conversation: id, seq: head })),
  };
}
