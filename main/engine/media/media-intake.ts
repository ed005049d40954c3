/** What messages with files begin when they come in: files are wanted by the rules, and found where they lie already. */
import type { MediaRef } from '../../../bridge/media-views.ts';
import {
  milliseconds,
  type BlobId,
  type ConversationId,
  type DeviceId,
  type Envelope,
  type MediaItem,
  type MessageId,
} from '../../../protocol/index.ts';
import type { EngineVault } from '../blobs/create-blob-vault.ts';
import type { Log } from '../runtime/log.ts';
import type { PlacedFile } from '../storage/media-table.ts';
import type { Store } from '../storage/store.ts';
import type { Transfers } from '../transfers/transfers.ts';
import type { LetGo } from './let-go.ts';
import { presentable } from './presentable.ts';
import { isFetchedBy, type MediaSettingsKeeper } from './settings.ts';

/** A message of the log with its files. */
export interface ArrivedMedia {
  readonly conversation: ConversationId;
  readonly envelope: Envelope;
  readonly items: readonly MediaItem[];
}

export interface MediaIntake {
  /** Called in the transaction that stores the message. */
  store(arrived: ArrivedMedia): void;
  /** Called once the messages are stored. */
  stored(arrived: readonly ArrivedMedia[]): void;
  /** Messages may have been deleted: their files go, unless another message has them. */
  release(): void;
  /** Messages that the person sees: their files are wanted by the same rules, however old they are. */
  seen(conversation: ConversationId, messages: readonly MessageId[]): void;
  /**
   * The relay lost a message of this account with this file, and maybe the file: it is handed out anew, if it is all here.
   * Called in the transaction that puts the message into the outbox.
   */
  offerAgain(item: MediaItem, ref: MediaRef): void;
  /** Once that is stored. */
  offered(): void;
  /** Resolves when nothing is being looked for any more. */
  idle(): Promise<void>;
}

interface MediaIntakeDeps {
  readonly store: Store;
  readonly vault: EngineVault;
  readonly transfers: Transfers;
  readonly letGo: Pick<LetGo, 'look'>;
  readonly settings: MediaSettingsKeeper;
  readonly device: () => DeviceId;
  readonly now: () => number;
  readonly log: Log;
  /** A file of that message turned out to be here. */
  readonly onFound: (conversation: ConversationId, message: MessageId) => void;
}

/** Older messages come by the thousand when a device is new: their files are fetched when somebody looks at them. */
const recentMs = 3 * milliseconds.day;

export function createMediaIntake(deps: MediaIntakeDeps): MediaIntake {
  const { store, vault, transfers, settings, device, now, log } = deps;
  let searching = Promise.resolve();
  let closed = false;
  /** Handed out anew in a transaction that the transfers have yet to hear of. */
  const renewed = new Set<BlobId>();

  function want(blob: BlobId, ref: MediaRef): boolean {
    return store.transfers.add({ blob, direction: 'in', ref, now: now() });
  }

  const isRecent = ({ time }: Envelope) => time >= now() - recentMs;
  const isFromHere = (envelope: Envelope) => envelope.device === device();

  /** Only a history that was made anew lacks what lies in the vault. */
  async function search({ conversation, envelope, items }: ArrivedMedia): Promise<void> {
    for (const [item, { blob }] of items.entries()) {
      if (closed || !(await vault.search(blob))) continue;
      deps.onFound(conversation, envelope.id);
      if (isFromHere(envelope) && isRecent(envelope)) offerFound(blob, { conversation, message: envelope.id, item });
    }
  }

  /** Whether the others have it went with the old history. */
  function offerFound(blob: BlobId, ref: MediaRef): void {
    const isNew = store.transact(() => store.transfers.add({ blob, direction: 'out', ref, now: now() }));
    if (isNew && vault.state(blob)?.whole) transfers.offer(blob);
  }

  function isWantedBySight({ own, device: sender, blob, kind, bytes, held }: PlacedFile): boolean {
    if (held || (own && sender === device())) return false;
    return isFetchedBy(settings.get(), { kind, bytes }) && store.transfers.get(blob) === null;
  }

  return {
    store({ conversation, envelope, items }) {
      if (!isRecent(envelope) || isFromHere(envelope)) return;
      for (const [item, file] of items.entries()) {
        const isHere = store.blobs.get(file.blob)?.whole ?? false;
        if (isHere || !isFetchedBy(settings.get(), presentable(file))) continue;
        want(file.blob, { conversation, message: envelope.id, item });
      }
    },
    stored(arrived) {
      if (arrived.length === 0) return;
      transfers.look();
      for (const media of arrived) {
        searching = searching
          .then(() => search(media))
          .catch((error: unknown) => log.warn('media.search_failed', {}, error));
      }
    },
    release: () => deps.letGo.look(),
    seen(conversation, messages) {
      const wanted = store.media.inMessages(conversation, messages).filter(isWantedBySight);
      if (wanted.length === 0) return;
      store.transact(() => {
        for (const { blob, ref } of wanted) want(blob, ref);
      });
      transfers.look();
    },
    offerAgain({ blob }, ref) {
      if (!store.blobs.get(blob)?.whole) return;
      store.transfers.renew({ blob, ref, now: now() });
      renewed.add(blob);
    },
    offered() {
      for (const blob of renewed) transfers.offer(blob);
      renewed.clear();
    },
    idle() {
      closed = true;
      return searching;
    },
  };
}
