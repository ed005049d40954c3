/** A message with files on its way out of the outbox: filled in as its files are sealed, then sent and offered. */
import type { BlobId, ConversationId, MessageId } from '../../../protocol/index.ts';
import type { BlobRef } from '../blobs/blob-vault.ts';
import type { OutboxItem } from '../storage/outbox-table.ts';
import type { Store } from '../storage/store.ts';
import { decodeDraft, encodeDraft, refOfItem, type MediaDraft } from './draft.ts';
import { decodeSources, encodeSources } from './sources.ts';

export interface Outgoing {
  /** One of its files is sealed; called in the transaction in which the vault takes it. */
  fill(item: OutboxItem, index: number, ref: BlobRef): void;
  /** All files of a message are sealed, and in the vault: they are on their way. Called in the same transaction. */
  enlist(message: MessageRef, draft: MediaDraft): void;
  /** All its files are sealed: sends it, and offers the files. */
  release(item: Pick<OutboxItem, 'conversation' | 'content'>): void;
  /** Makes sure that the tables know the sealed files of all waiting messages, also when the history is a new one. */
  recall(): BlobRef[];
}

interface MessageRef {
  readonly conversation: ConversationId;
  readonly id: MessageId;
}

interface OutgoingDeps {
  readonly store: Store;
  readonly now: () => number;
  readonly send: (conversation: ConversationId) => void;
  readonly offer: (blob: BlobId) => void;
}

export function createOutgoing({ store, now, send, offer }: OutgoingDeps): Outgoing {
  function enlist({ conversation, id: message }: MessageRef, { items }: MediaDraft): void {
    for (const [item, { blob }] of items.entries()) {
      if (blob) store.transfers.add({ blob, direction: 'out', ref: { conversation, message, item }, now: now() });
    }
  }

  return {
    fill(item, index, ref) {
      const draft = decodeDraft(item.content);
      if (!draft) throw new Error('A message that waits for files holds none.');
      const items = draft.items.map((file, at) => (at === index ? { ...file, ...ref } : file));
      const sources = encodeSources(decodeSources(item.sources).map((source, at) => (at === index ? null : source)));
      store.outbox.setPrepared(item.id, encodeDraft({ ...draft, items }), sources);
      if (sources === null) enlist(item, { ...draft, items });
    },
    enlist,
    release({ conversation, content }) {
      send(conversation);
      for (const { blob } of decodeDraft(content)?.items ?? []) if (blob) offer(blob);
    },
    recall() {
      const waiting = store.outbox.all().flatMap((item) => {
        const draft = decodeDraft(item.content);
        return draft ? [{ item, draft }] : [];
      });
      if (waiting.length === 0) return [];
      store.transact(() => {
        for (const { item, draft } of waiting) {
          for (const ref of refsOf(draft)) store.blobs.add(ref);
          if (item.sources === null) enlist(item, draft);
        }
      });
      return waiting.flatMap(({ draft }) => refsOf(draft));
    },
  };
}

export function refsOf({ items }: MediaDraft): BlobRef[] {
  return items.flatMap((item) => refOfItem(item) ?? []);
}
