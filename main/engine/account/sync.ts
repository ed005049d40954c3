/** Begins a sync: tells the relay how far this device holds each conversation. */
import type { ClientFrame } from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';
import type { ConversationIntake } from '../messaging/conversation-intake.ts';

interface SyncDeps {
  readonly store: Store;
  readonly conversations: ConversationIntake;
  readonly entriesPerFrame: number;
  readonly send: (frame: ClientFrame) => void;
}

export function beginSync({ store, conversations, entriesPerFrame, send }: SyncDeps): void {
  const have = store.conversations.positions().map(({ id, stored }) => ({ conversation: id, seq: stored }));
  conversations.beginSync(have);
  for (let at = 0; at === 0 || at < have.length; at += entriesPerFrame) {
    const part = have.slice(at, at + entriesPerFrame);
    const last = at + entriesPerFrame >= have.length;
    // What is given again shows whether the log went back in time and grew past it.
    send({ type: 'sync', have: part, last, ...(last && { overlap: true }) });
  }
}
