/** Takes in how far the members' devices got: the ticks of own messages, and what was read on another device. */
import type { ConversationId, FrameOf, RelayFrame, UserId } from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';
import type { Batch } from './batch.ts';
import type { Changes } from './changes.ts';
import type { CursorReporter } from './cursor-reporter.ts';

export interface CursorIntake {
  take(frame: FrameOf<RelayFrame, 'cursors'>, batch: Batch): void;
}

interface IntakeDeps {
  readonly store: Store;
  readonly self: UserId;
  readonly changes: Changes;
  readonly reporter: CursorReporter;
  readonly onRead: (conversation: ConversationId) => void;
}

/** When more ticks than this change at once the page is loaded again. */
const namedTicks = 100;

export function createCursorIntake({ store, self, changes, reporter, onRead }: IntakeDeps): CursorIntake {
  function tellTicks(conversation: ConversationId, after: number, upTo: number): void {
    if (upTo <= after) return;
    const own = store.messageViews.ownBetween(conversation, after, upTo, namedTicks + 1);
    if (own.length > namedTicks) changes.reload(conversation);
    else for (const { id } of own) changes.message(conversation, id);
  }

  return {
    take({ conversation, cursors }, batch) {
      const own = cursors.find((cursor) => cursor.user === self);
      let before = { delivered: 0, read: 0 };
      let ownRead = false;
      let known = false;
      batch.write(() => {
        known = store.conversations.has(conversation);
        if (!known) return;
        before = store.messageViews.ticks(conversation);
        const moved = store.conversations.mergeCursors(conversation, cursors);
        ownRead = moved.some((cursor) => cursor.user === self && cursor.read < (own?.read ?? 0));
      });
      batch.effect(() => {
        if (!known) return;
        const after = store.messageViews.ticks(conversation);
        tellTicks(conversation, before.delivered, after.delivered);
        tellTicks(conversation, before.read, after.read);
        if (own) reporter.learn(conversation, own);
        if (ownRead) onRead(conversation);
        changes.conversation(conversation);
      });
    },
  };
}
