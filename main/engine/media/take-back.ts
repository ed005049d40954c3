/** Lets go of the files of a message that was taken out of the outbox. */
import type { BlobId } from '../../../protocol/index.ts';
import type { OutboxItem } from '../storage/outbox-table.ts';
import type { Store } from '../storage/store.ts';
import type { Media } from './create-media.ts';
import { decodeDraft } from './draft.ts';
import { refsOf } from './outgoing.ts';

/** Blobs that another message has as well stay. */
export async function takeBackFiles(
  store: Store,
  { vault, transfers, preparer }: Media,
  { conversation, id: message, content }: OutboxItem,
): Promise<void> {
  preparer.abandon(message);
  const draft = decodeDraft(content);
  if (!draft) return;
  for (const [item, { blob }] of draft.items.entries()) {
    if (!blob || isUsed(store, blob)) continue;
    const ref = { conversation, message, item };
    if (transfers.viewOf(ref)) await transfers.cancel(ref).catch(() => {});
    await vault.forget(blob);
  }
}

/** Whether a message of the log or of the outbox has this blob. */
export function isUsed(store: Store, blob: BlobId): boolean {
  if (store.media.uses(blob)) return true;
  return store.outbox
    .all()
    .some((item) => refsOf(decodeDraft(item.content) ?? { kind: 'media', items: [] }).some((ref) => ref.blob === blob));
}
