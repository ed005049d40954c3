/** The content of a message with files while some of them are not sealed: complete but for their ids and keys. */
import { z } from 'zod';
import {
  blobIdSchema,
  chunkFormat,
  decodeContent,
  decodeOne,
  encodeContent,
  encodeOne,
  fileSizeSchema,
  limits,
  mediaFactsSchema,
  messageIdSchema,
  ParleyError,
  type Content,
  type MediaContent,
  type UnsupportedContent,
} from '../../../protocol/index.ts';
import type { KnownItem } from './item-view.ts';
import type { BlobRef } from '../blobs/blob-vault.ts';

const bytesSchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

const draftItemSchema = mediaFactsSchema.extend({
  /** For one that is not sealed yet: as it was when the person sent it. */
  bytes: fileSizeSchema,
  blob: blobIdSchema.optional(),
  key: bytesSchema.optional(),
});
export type DraftItem = z.infer<typeof draftItemSchema>;

const draftSchema = z.object({
  kind: z.literal('media'),
  items: z.array(draftItemSchema).min(1).max(limits.mediaItems),
  text: z.string().optional(),
  replyTo: messageIdSchema.optional(),
});
/** Content that is complete is a draft too. */
export type MediaDraft = z.infer<typeof draftSchema>;

/** What a row of the outbox holds. */
export type WaitingContent = Exclude<Content, MediaContent> | MediaDraft | UnsupportedContent;

export function decodeWaiting(content: Uint8Array): WaitingContent {
  const complete = decodeContent(content);
  if (complete.kind !== 'unsupported' || complete.declaredKind !== 'media') return complete;
  return draftSchema.safeParse(decodeOne(content)).data ?? complete;
}

export function decodeDraft(content: Uint8Array): MediaDraft | null {
  const waiting = decodeWaiting(content);
  return waiting.kind === 'media' ? waiting : null;
}

/** A complete draft is encoded as the content that goes out. */
export function encodeDraft(draft: MediaDraft): Uint8Array {
  const items = draft.items.flatMap(({ blob, key, ...item }) => (blob && key ? { ...item, blob, key } : []));
  if (items.length === draft.items.length) return encodeContent({ ...draft, items });
  return encodeOne(draftSchema.parse(draft));
}

/** What is known of the draft's files. They can all be shown here: from the vault, or from where they lie. */
export function draftItems({ items }: MediaDraft): KnownItem[] {
  return items.map(({ blob, ...facts }, item) => ({ ...facts, item, blob: blob ?? null, held: true }));
}

export function refOfItem({ blob, key, bytes }: DraftItem): BlobRef | null {
  return blob && key ? { blob, key, bytes } : null;
}

/** A sealer may add to what the content takes. */
const sealerBytes = 1_024;

/** @throws ParleyError `bad_request` when the message would not fit its limits once its files are sealed. */
export function assertFits(draft: MediaDraft): void {
  const thumbnails = draft.items.reduce((sum, { thumbnail }) => sum + (thumbnail?.byteLength ?? 0), 0);
  if (thumbnails > limits.thumbnailsBytes) {
    throw tooMuch('The previews of these files are too large for one message. Send fewer files at once.');
  }
  const blob = blobIdSchema.parse('0'.repeat(64));
  const items = draft.items.map((item) => ({ ...item, blob, key: new Uint8Array(chunkFormat.keyBytes) }));
  if (encodeDraft({ ...draft, items }).byteLength + sealerBytes > limits.payloadBytes) {
    throw tooMuch('This is too much for one message. Send fewer files at once, or a shorter text.');
  }
}

function tooMuch(message: string): ParleyError {
  return new ParleyError('bad_request', { message });
}
