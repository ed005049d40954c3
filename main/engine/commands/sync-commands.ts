/** What the screens ask about a conversation being the same everywhere. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { Workspace } from '../account/workspace.ts';
import { assertKnown } from './conversation-commands.ts';

type SyncCommands = Pick<Handlers<EngineContract>, 'sync.status' | 'sync.check'>;

export function createSyncCommands(workspace: Workspace): SyncCommands {
  const { proof } = workspace;
  return {
    'sync.status'({ conversation }) {
      assertKnown(workspace, conversation);
      return proof.status(conversation);
    },
    'sync.check'({ conversation }) {
      assertKnown(workspace, conversation);
      proof.check(conversation);
    },
  };
}
