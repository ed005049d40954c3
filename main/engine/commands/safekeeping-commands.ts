/** What the screens ask about the history's own copy. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { Workspace } from '../account/workspace.ts';

type SafekeepingCommands = Pick<Handlers<EngineContract>, 'safekeeping.get' | 'safekeeping.set'>;

export function createSafekeepingCommands({ safekeeping }: Workspace): SafekeepingCommands {
  return {
    'safekeeping.get': () => safekeeping.view(),
    'safekeeping.set': ({ keepCopy }) => safekeeping.set(keepCopy),
  };
}
