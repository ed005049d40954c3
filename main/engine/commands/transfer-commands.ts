/** What the screens ask about files on their way, those that are still being sealed among them. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { Workspace } from '../account/workspace.ts';
import { findFile } from '../media/find-file.ts';

type TransferCommands = Pick<Handlers<EngineContract>, Extract<keyof Handlers<EngineContract>, `transfers.${string}`>>;

/** @param retry sends a message that failed again. */
export function createTransferCommands(
  { store, media }: Workspace,
  retry: Handlers<EngineContract>['messages.retry'],
): TransferCommands {
  const { transfers, preparer } = media;
  return {
    async 'transfers.start'(ref) {
      await media.ready;
      const isUnsealed = findFile(store, ref)?.ref === null;
      await (isUnsealed ? retry(ref) : transfers.start(ref));
    },
    async 'transfers.pause'(ref) {
      if (!preparer.stop(ref.message)) await transfers.pause(ref);
    },
    async 'transfers.cancel'(ref) {
      if (!preparer.stop(ref.message)) await transfers.cancel(ref);
    },
    'transfers.list': () => [...preparer.list(), ...transfers.list()],
    'transfers.clear': () => transfers.clear(),
  };
}
