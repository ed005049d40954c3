/** What the screens show of files: the items of a message, how they travel, what they take on disk. */
import { z } from 'zod';
import { conversationIdSchema, limits, mediaKindSchema, messageIdSchema, timeSchema } from '../protocol/index.ts';
import { faultSchema, personSchema } from './shared-views.ts';

const byteCount = z.number().int().nonnegative();

/** Names one file for good: its message and its place in it. Known before the file is sealed. */
export const mediaRefSchema = z.object({
  conversation: conversationIdSchema,
  message: messageIdSchema,
  item: z
    .number()
    .int()
    .min(0)
    .max(limits.mediaItems - 1),
});
export type MediaRef = z.infer<typeof mediaRefSchema>;

/** `direct`: from computer to computer; `turn`: the same by way of a TURN server; `relay`: stored on the relay. */
const transferPathSchema = z.enum(['direct', 'turn', 'relay']);
export type TransferPath = z.infer<typeof transferPathSchema>;

/**
 * How a file travels, seen from here. `preparing`: own file that is being sealed; `waiting`: nobody to send it to or
 * get it from right now, see `waitingFor`; `active`: bytes move, or are about to; `done`: for `in` the file is here,
 * for `out` the relay or a device of each other member has it.
 */
const transferStateSchema = z.enum(['preparing', 'waiting', 'active', 'paused', 'done', 'failed', 'cancelled']);
export type TransferState = z.infer<typeof transferStateSchema>;

export const transferViewSchema = z.object({
  ref: mediaRefSchema,
  direction: z.enum(['in', 'out']),
  name: z.string(),
  kind: mediaKindSchema,
  state: transferStateSchema,
  /** Bytes of the file that are through, of `bytes`. */
  done: byteCount,
  bytes: byteCount,
  /** Over the last seconds; null while nothing moves. */
  bytesPerSecond: z.number().nonnegative().nullable(),
  msLeft: z.number().nonnegative().nullable(),
  path: transferPathSchema.nullable(),
  /** Whose device or connection is missing. */
  waitingFor: z.array(personSchema),
  /** Why it failed, or why it waits. */
  fault: faultSchema.nullable(),
  updatedAt: timeSchema,
});
export type TransferView = z.infer<typeof transferViewSchema>;

export const mediaItemViewSchema = z.object({
  item: z.number().int(),
  kind: mediaKindSchema,
  /** Safe to show: without path separators, control and bidi characters. */
  name: z.string(),
  type: z.string(),
  bytes: byteCount,
  width: z.number().nullable(),
  height: z.number().nullable(),
  durationMs: z.number().nullable(),
  /** A `data:` URL of a small picture. */
  thumbnail: z.string().nullable(),
  /** 0 to 1 a point. */
  waveform: z.array(z.number()).nullable(),
  /** Opening it may run a program: never without a clear question. */
  dangerous: z.boolean(),
  /** Whether the whole file is on this computer. */
  held: z.boolean(),
  /** Null when it neither travels nor is wanted: not fetched, or long done. */
  transfer: transferViewSchema.nullable(),
});
export type MediaItemView = z.infer<typeof mediaItemViewSchema>;

/** What stands for files where there is room for one line: "Photo", "3 photos", "Voice message 0:42", the name of a file. */
export const mediaSummarySchema = z.object({
  kind: mediaKindSchema,
  count: z.number().int(),
  name: z.string(),
  durationMs: z.number().nullable(),
});
export type MediaSummary = z.infer<typeof mediaSummarySchema>;

/** A file in the gallery of a conversation. */
export const galleryItemSchema = z.object({
  ref: mediaRefSchema,
  media: mediaItemViewSchema,
  sender: personSchema,
  own: z.boolean(),
  time: timeSchema,
  /** The caption of its message. */
  caption: z.string().optional(),
  /** Pass the last one's as `before` for the next page. */
  place: z.number(),
});
export type GalleryItem = z.infer<typeof galleryItemSchema>;

const autoLimit = z.number().int().nonnegative().max(limits.fileBytes);

export const mediaSettingsSchema = z.object({
  /**
   * `automatic`: small files by the relay, large ones direct where possible. `relay`: always through the relay, so that
   * peers do not learn this computer's address. `direct`: the relay for small files only.
   */
  path: z.enum(['automatic', 'relay', 'direct']),
  /** Files of a kind up to this size are fetched without asking; 0: never. */
  autoDownload: z.object({
    picture: autoLimit,
    video: autoLimit,
    voice: autoLimit,
    audio: autoLimit,
    file: autoLimit,
  }),
});
export type MediaSettings = z.infer<typeof mediaSettingsSchema>;

/** Sizes are written in decimal units on the screens, so the usual limits are round in them. */
const megabyte = 1_000_000;
export const defaultMediaSettings: MediaSettings = {
  path: 'automatic',
  autoDownload: {
    picture: 20 * megabyte,
    video: 25 * megabyte,
    voice: 20 * megabyte,
    audio: 10 * megabyte,
    file: 5 * megabyte,
  },
};

/** What may be sent in a conversation right now, so that the person hears of a limit before anything is sent. */
export const sendLimitsSchema = z.object({
  /** The largest file that the relay takes from this account, its quota counted in; null: not known (offline). */
  relayBytes: byteCount.nullable(),
  /** Whether larger files may go direct, by the settings and by the relay's. */
  direct: z.boolean(),
  /** Whether one of the others is online to take a file directly. */
  othersOnline: z.boolean(),
  /** The largest file in any case. */
  fileBytes: byteCount,
  /** How long the relay keeps files; null: for good. */
  keepDays: z.number().nullable(),
});
export type SendLimits = z.infer<typeof sendLimitsSchema>;

/** What files take on this computer. */
export const storageUsageSchema = z.object({
  totalBytes: byteCount,
  /** Free on the disk that holds them. */
  freeBytes: byteCount,
  conversations: z.array(
    z.object({ conversation: conversationIdSchema, title: z.string(), bytes: byteCount, files: z.number().int() }),
  ),
});
export type StorageUsage = z.infer<typeof storageUsageSchema>;

/** A file on this computer that the person chose; only the shell can make grants, and only the engine knows the path. */
export const fileGrantSchema = z.object({ grant: z.string(), name: z.string(), bytes: byteCount });
export type FileGrant = z.infer<typeof fileGrantSchema>;
