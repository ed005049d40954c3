/** The engine's part that has to do with files, made of memory: transfers that a test moves, gallery, settings, storage. */
import type { Handlers, ParsedInputOf } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import {
  defaultMediaSettings,
  type GalleryItem,
  type MediaRef,
  type MediaSettings,
  type SendLimits,
  type StorageUsage,
  type TransferView,
} from '../../../bridge/media-views.ts';
import type { MessageView } from '../../../bridge/views.ts';

type Commands = Pick<
  Handlers<EngineContract>,
  | 'media.limits'
  | 'media.seen'
  | 'media.list'
  | 'media.settings'
  | 'media.set-settings'
  | 'storage.usage'
  | 'storage.free'
  | 'transfers.start'
  | 'transfers.pause'
  | 'transfers.cancel'
  | 'transfers.list'
  | 'transfers.clear'
>;

interface Options {
  /** All messages of a conversation, in order. */
  readonly messagesOf: (conversation: MediaRef['conversation']) => readonly MessageView[];
  readonly changed: (transfers: TransferView[]) => void;
}

function keyOf({ conversation, message, item }: MediaRef): string {
  return `${conversation}/${message}/${item}`;
}

export class ScriptedMedia {
  readonly transfers = new Map<string, TransferView>();
  settings: MediaSettings = defaultMediaSettings;
  limits: SendLimits = {
    relayBytes: 100_000_000,
    direct: true,
    othersOnline: true,
    fileBytes: 64 * 1024 ** 3,
    keepDays: 30,
  };
  usage: StorageUsage = { totalBytes: 0, freeBytes: 84_000_000_000, conversations: [] };
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  handlers(): Commands {
    return {
      'media.limits': () => this.limits,
      'media.seen': () => undefined,
      'media.list': (input) => this.#gallery(input),
      'media.settings': () => this.settings,
      'media.set-settings': ({ path, autoDownload }) => {
        const { settings } = this;
        this.settings = { path: path ?? settings.path, autoDownload: autoDownload ?? settings.autoDownload };
        return this.settings;
      },
      'storage.usage': () => this.usage,
      'storage.free': ({ conversation }) => this.#free(conversation),
      'transfers.start': (ref) => this.move(ref, { state: 'active', fault: null }),
      'transfers.pause': (ref) => this.move(ref, { state: 'paused', bytesPerSecond: null, msLeft: null }),
      'transfers.cancel': (ref) => this.move(ref, { state: 'cancelled', bytesPerSecond: null, msLeft: null }),
      'transfers.list': () => [...this.transfers.values()],
      'transfers.clear': () => this.#clear(),
    };
  }

  /** A transfer is new. */
  put(transfer: TransferView): void {
    this.transfers.set(keyOf(transfer.ref), transfer);
    this.#options.changed([transfer]);
  }

  move(ref: MediaRef, changes: Partial<TransferView>): void {
    const known = this.transfers.get(keyOf(ref));
    if (known) this.put({ ...known, ...changes, updatedAt: Date.now() });
  }

  #clear(): void {
    for (const [key, { state }] of this.transfers)
      if (state === 'done' || state === 'failed' || state === 'cancelled') this.transfers.delete(key);
  }

  #gallery(input: ParsedInputOf<EngineContract, 'media.list'>): GalleryItem[] {
    const kinds = { pictures: ['picture', 'video'], voice: ['voice'], files: ['audio', 'file'] }[input.filter];
    const wanted = input.query.toLowerCase();
    return this.#options
      .messagesOf(input.conversation)
      .flatMap((message) => itemsOf(message))
      .filter(({ media, caption }) => {
        const found = media.name.toLowerCase().includes(wanted) || caption.toLowerCase().includes(wanted);
        return kinds.includes(media.kind) && found;
      })
      .filter(({ place }) => input.before === undefined || place < input.before)
      .sort((a, b) => b.place - a.place)
      .slice(0, input.limit);
  }

  #free(conversation: MediaRef['conversation'] | null): { bytes: number; files: number } {
    const gone = this.usage.conversations.filter((one) => conversation === null || one.conversation === conversation);
    const bytes = gone.reduce((sum, one) => sum + one.bytes, 0);
    this.usage = {
      totalBytes: this.usage.totalBytes - bytes,
      freeBytes: this.usage.freeBytes + bytes,
      conversations: this.usage.conversations.filter((one) => !gone.includes(one)),
    };
    return { bytes, files: gone.reduce((sum, one) => sum + one.files, 0) };
  }
}

/** A message's files as the gallery lists them: the last of an album comes first. */
function itemsOf(message: MessageView): (GalleryItem & { caption: string })[] {
  const { content, conversation, id, order, own, sender, time } = message;
  if (content.kind !== 'media') return [];
  return content.items.map((media) => ({
    ref: { conversation, message: id, item: media.item },
    media,
    sender,
    own,
    time,
    place: order + media.item / 100,
    caption: content.text,
  }));
}
