/** What is inside a payload once it is opened: read and written by devices only, never by the relay. */
import { z } from 'zod';
import { blobIdSchema, chunkFormat, fileSizeSchema } from './blobs.ts';
import { decodeOne, encodeOne } from './codec.ts';
import { bytesSchema } from './entities.ts';
import { messageIdSchema } from './ids.ts';
import { limits } from './limits.ts';

const textContentSchema = z.object({
  kind: z.literal('text'),
  text: z.string().min(1).max(limits.textCharacters),
  replyTo: messageIdSchema.optional(),
});

/** What a file is shown as. Whatever cannot be shown safely is a `file`. */
export const mediaKindSchema = z.enum(['picture', 'video', 'voice', 'audio', 'file']);
export type MediaKind = z.infer<typeof mediaKindSchema>;

const pixels = z.number().int().min(1).max(65_535);

/** What a sender tells of a file before anybody has it. */
export const mediaFactsSchema = z.object({
  kind: mediaKindSchema,
  name: z.string().min(1).max(limits.fileNameCharacters),
  /** A media type such as `image/jpeg`; a claim that is checked before anything is shown by it. */
  type: z.string().max(127),
  width: pixels.optional(),
  height: pixels.optional(),
  durationMs: z.number().int().nonnegative().max(1_000_000_000).optional(),
  /** A small JPEG or WebP picture. */
  thumbnail: bytesSchema.refine((bytes) => bytes.byteLength <= limits.thumbnailBytes, 'is too large').optional(),
  /** Loudness over time, 0 to 255 a point. */
  waveform: bytesSchema.refine((bytes) => bytes.byteLength <= limits.waveformPoints, 'is too long').optional(),
});
export type MediaFacts = z.infer<typeof mediaFactsSchema>;

const mediaItemSchema = mediaFactsSchema.extend({
  /** Size of the file. */
  bytes: fileSizeSchema,
  blob: blobIdSchema,
  key: bytesSchema.refine((bytes) => bytes.byteLength === chunkFormat.keyBytes, 'is not a key'),
});
export type MediaItem = z.infer<typeof mediaItemSchema>;

/** One file or an album, with an optional caption. */
const mediaContentSchema = z.object({
  kind: z.literal('media'),
  items: z.array(mediaItemSchema).min(1).max(limits.mediaItems),
  text: z.string().min(1).max(limits.textCharacters).optional(),
  replyTo: messageIdSchema.optional(),
});
export type MediaContent = z.infer<typeof mediaContentSchema>;

/**
 * Changes to a message of the same conversation, wherever in the log that one stands. What a message looks like follows
 * from the changes in log order alone, whenever a device learned of them:
 * - `edit` counts when it comes from the message's sender; the last one gives the text (of media: the caption);
 * - `delete` counts when it comes from the message's sender; from then on nothing else of it is shown, ever;
 * - `reaction` counts for anybody; the last one of a person with an emoji says whether it is there.
 */
const editContentSchema = z.object({
  kind: z.literal('edit'),
  target: messageIdSchema,
  /** Empty only takes a caption away. */
  text: z.string().max(limits.textCharacters),
});
const deleteContentSchema = z.object({ kind: z.literal('delete'), target: messageIdSchema });
const reactionContentSchema = z.object({
  kind: z.literal('reaction'),
  target: messageIdSchema,
  emoji: z.string().min(1).max(limits.reactionCharacters),
  on: z.boolean(),
});

/**
 * What an account wants all its devices to know, sent in its conversation with itself; elsewhere it counts for nothing.
 * The last value in log order stands; null takes it away. Names and shapes are in `accountValueSchemas`.
 */
const accountContentSchema = z.object({
  kind: z.literal('account'),
  values: z
    .array(
      z.object({
        name: z.string().min(1).max(128),
        /** JSON, so that devices keep the values of newer ones untouched. */
        value: z.string().max(limits.accountValueCharacters).nullable(),
      }),
    )
    .min(1)
    .max(limits.accountValues),
});

/** The kinds that this build writes and understands. */
export const contentSchema = z.discriminatedUnion('kind', [
  textContentSchema,
  mediaContentSchema,
  editContentSchema,
  deleteContentSchema,
  reactionContentSchema,
  accountContentSchema,
]);
/** The kinds that change another message. */
export type ChangeContent = z.infer<
  typeof editContentSchema | typeof deleteContentSchema | typeof reactionContentSchema
>;
export type AccountContent = z.infer<typeof accountContentSchema>;
export type Content = z.infer<typeof contentSchema>;

/** Content of a kind that this build does not know, or that is broken: kept as bytes, shown as "update the app". */
export interface UnsupportedContent {
  readonly kind: 'unsupported';
  readonly declaredKind: string | null;
}

const signalContentSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('typing'), typing: z.boolean() }),
  /** To all devices of the conversation: who has chunks of this blob, and goes direct? */
  z.object({ kind: z.literal('blob-wanted'), blob: blobIdSchema }),
  /**
   * To the device that asked: chunks are here. It may connect. Also to all, by the sender of a file that somebody has yet to
   * get: whoever has it whole answers the same, whoever wants it connects.
   */
  z.object({ kind: z.literal('blob-held'), blob: blobIdSchema, whole: z.boolean() }),
  /** To all devices of the conversation: the relay has the blob now. */
  z.object({ kind: z.literal('blob-published'), blob: blobIdSchema }),
  /** To one device: please connect, since the device with the lower id begins. */
  z.object({ kind: z.literal('peer-call') }),
  /** To one device: a step of the WebRTC negotiation of one connection. `data` is JSON of an offer, answer or candidate. */
  z.object({ kind: z.literal('peer-step'), peer: z.string().min(1).max(64), data: z.string().max(12 * 1024) }),
  /** To one device: this connection is over, or will not be. */
  z.object({ kind: z.literal('peer-over'), peer: z.string().min(1).max(64) }),
]);
/** What devices say to one another through signals. */
export type SignalContent = z.infer<typeof signalContentSchema>;

/** @throws ParleyError `bad_request` when the content breaks a limit. */
export function encodeContent(content: Content): Uint8Array {
  return encodeOne(contentSchema.parse(content));
}

/** Never throws: what cannot be read is `unsupported`. */
export function decodeContent(bytes: Uint8Array): Content | UnsupportedContent {
  const value = decodeOrNull(bytes);
  const content = contentSchema.safeParse(value);
  if (content.success) return content.data;
  const declared = z.object({ kind: z.string().max(64) }).safeParse(value);
  return { kind: 'unsupported', declaredKind: declared.success ? declared.data.kind : null };
}

export function encodeSignalContent(content: SignalContent): Uint8Array {
  return encodeOne(content);
}

/** @returns null for a signal of a kind that this build does not know. */
export function decodeSignalContent(bytes: Uint8Array): SignalContent | null {
  return signalContentSchema.safeParse(decodeOrNull(bytes)).data ?? null;
}

function decodeOrNull(bytes: Uint8Array): unknown {
  try {
    return decodeOne(bytes);
  } catch {
    return null;
  }
}
