/** What the screens ask to do to messages that are there: edit, delete, react, and changes that failed. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { MessageView } from '../../../bridge/views.ts';
import type { Workspace } from '../account/workspace.ts';
import { tellChange } from '../messaging/change-news.ts';
import { createOwnChanges, type MessageRef } from '../messaging/own-changes.ts';
import { assertKnown } from './conversation-commands.ts';

type ChangeCommands = Pick<
  Handlers<EngineContract>,
  'messages.edit' | 'messages.delete' | 'messages.react' | 'messages.retry-change' | 'messages.discard-change'
>;

/** @param discard takes a waiting message out of the outbox, files and all. */
export function createChangeCommands(
  workspace: Workspace,
  discard: Handlers<EngineContract>['messages.discard'],
): ChangeCommands {
  const { store, sender, changes, relayTime } = workspace;
  const own = createOwnChanges({ store, now: () => relayTime.now() });

  function tell(ref: MessageRef): void {
    tellChange(workspace, ref.conversation, ref.message);
    changes.conversation(ref.conversation);
    sender.look(ref.conversation);
  }

  function viewOf({ conversation, message }: MessageRef): MessageView {
    const view = store.messageViews.byId(conversation, message);
    if (!view) throw new Error('A message that was just changed cannot be read.');
    return view;
  }

  return {
    'messages.edit'({ text, ...ref }) {
      assertKnown(workspace, ref.conversation);
      own.edit(ref, text);
      tell(ref);
      return viewOf(ref);
    },
    async 'messages.delete'(ref) {
      assertKnown(workspace, ref.conversation);
      const waiting = own.delete(ref);
      const view = viewOf(ref);
      if (waiting) await discard(ref);
      else tell(ref);
      return waiting ? { ...view, content: { kind: 'deleted' }, reactions: [] } : view;
    },
    'messages.react'({ emoji, on, ...ref }) {
      assertKnown(workspace, ref.conversation);
      own.react(ref, emoji, on);
      tell(ref);
      return viewOf(ref);
    },
    'messages.retry-change'(ref) {
      assertKnown(workspace, ref.conversation);
      own.retry(ref);
      tell(ref);
    },
    'messages.discard-change'(ref) {
      assertKnown(workspace, ref.conversation);
      own.discard(ref);
      tell(ref);
    },
  };
}
