/** Finds what is known of a file, in the log or in the outbox. */
import type { MediaRef } from '../../../bridge/media-views.ts';
import { ParleyError } from '../../../protocol/index.ts';
import type { BlobRef } from '../blobs/blob-vault.ts';
import type { Store } from '../storage/store.ts';
import { decodeDraft, refOfItem } from './draft.ts';
import type { KnownItem } from './item-view.ts';
import { decodeSources } from './sources.ts';

export interface FoundFile extends Omit<KnownItem, 'blob' | 'held'> {
  /** Null for one that is not sealed yet: then it lies at `path`. */
  readonly ref: BlobRef | null;
  readonly path: string | null;
}

export function findFile(store: Store, ref: MediaRef): FoundFile | null {
  const stored = store.media.find(ref);
  if (!stored) return findWaiting(store, ref);
  const { blob, key, bytes } = stored;
  return { ...stored, ref: { blob, key, bytes }, path: null };
}

/** @throws ParleyError `not_found`. */
export function requireFile(store: Store, ref: MediaRef): FoundFile {
  const found = findFile(store, ref);
  if (!found) throw new ParleyError('not_found', { message: 'This file is not known on this computer.' });
  return found;
}

function findWaiting(store: Store, { conversation, message, item }: MediaRef): FoundFile | null {
  const waiting = store.outbox.get(message);
  if (waiting?.conversation !== conversation) return null;
  const file = decodeDraft(waiting.content)?.items[item];
  if (!file) return null;
  return { ...file, item, ref: refOfItem(file), path: decodeSources(waiting.sources)[item] ?? null };
}
