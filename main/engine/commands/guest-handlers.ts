/** What the host may ask of the engine: its lifecycle, and the files that only the engine can read. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { GuestContract } from '../../../bridge/host-contract.ts';
import type { AccountHolder } from '../account/account-holder.ts';
import type { Data } from '../data/create-data.ts';
import type { Media } from '../media/create-media.ts';
import { exportFile } from '../media/export-file.ts';
import { findFile } from '../media/find-file.ts';

interface Lifecycle {
  readonly close: () => Promise<void>;
  readonly wake: () => void;
}

export function createGuestHandlers(
  holder: AccountHolder,
  data: Pick<Data, 'guest'>,
  { close, wake }: Lifecycle,
): Handlers<GuestContract> {
  const ready = async (): Promise<Media> => {
    const { media } = holder.workspace();
    await media.ready;
    return media;
  };
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw holder.explain(error);
    }
  };

  return {
    'engine.close': close,
    'engine.wake': wake,
    ...data.guest,
    'files.grant': ({ paths }) =>
      explained(async () => {
        const { grants } = await ready();
        return Promise.all(paths.map((path) => grants.grant(path)));
      }),
    'media.describe': (ref) => explained(async () => (await ready()).reader.describe(ref)),
    'media.read': ({ from, length, ...ref }) => explained(async () => (await ready()).reader.read(ref, from, length)),
    'media.export': ({ path, remember, ...ref }) =>
      explained(async () => {
        const { reader } = await ready();
        await exportFile(reader, ref, path);
        const { store } = holder.workspace();
        const blob = remember ? findFile(store, ref)?.ref?.blob : undefined;
        if (blob) store.transact(() => store.blobs.setSavedAs(blob, path));
      }),
  };
}
