/** What the screens ask about files: sending, fetching, looking through them, and the room they take. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { GalleryItem } from '../../../bridge/media-views.ts';
import type { MediaKind } from '../../../protocol/index.ts';
import type { Workspace } from '../account/workspace.ts';
import { mediaItemView } from '../media/item-view.ts';
import { sendMedia } from '../media/send-media.ts';
import { freeStorage, readUsage } from '../media/storage-use.ts';
import { fold } from '../search/fold.ts';
import { assertKnown } from './conversation-commands.ts';
import { waitingMessage } from './message-commands.ts';

type MediaCommands = Pick<
  Handlers<EngineContract>,
  Extract<keyof Handlers<EngineContract>, `media.${string}` | `storage.${string}`>
>;

const galleryKinds: Readonly<Record<'pictures' | 'voice' | 'files', readonly MediaKind[]>> = {
  pictures: ['picture', 'video'],
  voice: ['voice'],
  files: ['audio', 'file'],
};

export function createMediaCommands(workspace: Workspace): MediaCommands {
  const { store, media, changes, pages, relayTime, record } = workspace;
  const { vault, transfers, grants, stages, outgoing, preparer, settings } = media;
  const storage = { store, vault, folder: media.folder, device: () => record().device };

  return {
    'media.limits'({ conversation }) {
      assertKnown(workspace, conversation);
      return media.limits(conversation);
    },
    async 'media.stage'({ stage, bytes }) {
      await media.ready;
      return { stage: await stages.put(stage, bytes) };
    },
    'media.unstage': (input) => stages.drop(input.stages),
    async 'media.send'(input) {
      assertKnown(workspace, input.conversation);
      await media.ready;
      const { conversation } = input;
      const now = () => relayTime.now();
      const { id, isSealed } = await sendMedia({ store, vault, grants, stages, outgoing, now }, input);
      changes.message(conversation, id);
      changes.conversation(conversation);
      workspace.typing.sent(conversation);
      const sealed = isSealed ? store.outbox.get(id) : null;
      const view = waitingMessage(workspace, conversation, id);
      if (sealed) outgoing.release(sealed);
      else preparer.look();
      return view;
    },
    'media.seen'({ conversation, messages }) {
      assertKnown(workspace, conversation);
      media.intake.seen(conversation, messages);
    },
    'media.list'({ conversation, filter, query, before, limit }) {
      assertKnown(workspace, conversation);
      const words = fold(query).text.split(/\s+/u);
      const found = store.gallery.find({
        conversation,
        kinds: galleryKinds[filter],
        matches(name, caption) {
          const text = query === '' ? '' : fold(`${name}\n${caption}`).text;
          return words.every((word) => text.includes(word));
        },
        before: before ?? Number.MAX_SAFE_INTEGER,
        limit,
      });
      return found.map(({ ref, file, ...rest }): GalleryItem => ({
        ref,
        ...rest,
        media: mediaItemView(file, transfers.viewOf(ref)),
      }));
    },
    'media.settings': () => settings.get(),
    'media.set-settings'(input) {
      const next = store.transact(() => settings.set(input));
      if (input.path) workspace.accountValues.set('media-path', null, { path: input.path });
      pages.emit('media.settings-changed', next);
      transfers.reconsider();
      return next;
    },
    'storage.usage': async () => {
      await vault.flush();
      return readUsage(storage);
    },
    async 'storage.free'({ conversation }) {
      await media.ready;
      const { bytes, files, blobs, conversations } = await freeStorage(storage, conversation);
      for (const blob of blobs) transfers.freed(blob);
      for (const changed of conversations) changes.reload(changed);
      return { bytes, files };
    },
  };
}
