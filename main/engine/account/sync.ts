/** Begins a sync: tells the relay how far this device holds each conversation. */
import type { ClientFrame } from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';
import type { ConversationIntake } from '../messaging/conversation-intake.ts';

interface SyncDeps {
  readonly store: Store;
  readonly conversations: ConversationIntake;
  readonly entriesPerFrame: number;
  /** Whether messages may come ahead of others. */
  readonly ahead: boolean;
  readonly send: (frame: ClientFrame) => void;
}

export function beginSync({ store, conversations, entriesPerFrame, ahead, send }: SyncDeps): void {
  const positions = store.conversations.positions();
  conversations.beginSync(positions);
  const have = positions.map(({ id, stored }) => ({ conversation: id, seq: stored }));
  for (let at = 0; at === 0 || at < have.length; at += entriesPerFrame) {
    const part = have.slice(at, at + entriesPerFrame);
    const last = at + entriesPerFrame >= have.length;
    // What is given again shows whether the log went back in time and grew past it; the newest messages come first.
    send({ type: 'sync', have: part, last, ...(last && { overlap: true, ahead }) });
  }
}
