/** The things that both the HTTP answers and the frames speak of: users, conversations, cursors, envelopes. */
import { z } from 'zod';
import { conversationIdSchema, deviceIdSchema, messageIdSchema, userIdSchema } from './ids.ts';
import { limits } from './limits.ts';

/** Relay time in milliseconds since 1970, up to the last moment that a `Date` can hold. */
export const timeSchema = z.number().int().nonnegative().max(8_640_000_000_000_000);
/** Place of a message in its conversation: 1, 2, 3 … without gaps; 0 means "none yet". */
export const seqSchema = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
export const bytesSchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'is not bytes');

/** Place of a message that is in the log. */
export const placeSchema = seqSchema.min(1);

/** What every member of a relay may know of another. */
export const profileSchema = z.object({
  id: userIdSchema,
  username: z.string().max(limits.usernameCharacters.max),
  displayName: z.string().max(limits.displayNameCharacters.max * 8),
});
export type Profile = z.infer<typeof profileSchema>;

/** What only the user themself is told. */
export const accountSchema = profileSchema.extend({
  email: z.string().nullable(),
  phone: z.string().nullable(),
  createdAt: timeSchema,
});
export type Account = z.infer<typeof accountSchema>;

export const deviceSchema = z.object({
  id: deviceIdSchema,
  name: z.string(),
  platform: z.string(),
  createdAt: timeSchema,
  lastActiveAt: timeSchema,
  /** Whether it is the device that asks. */
  current: z.boolean(),
});
export type Device = z.infer<typeof deviceSchema>;

/** How far a member's devices got: the highest seq that any of them stored, and that the person has read. */
export const cursorSchema = z.object({ user: userIdSchema, delivered: seqSchema, read: seqSchema });
export type Cursor = z.infer<typeof cursorSchema>;

export const conversationKindSchema = z.enum(['direct', 'group']);

/** A conversation as the relay keeps it. `cursors` has one entry a member and so is also the list of members. */
export const conversationSchema = z.object({
  id: conversationIdSchema,
  kind: conversationKindSchema,
  /** The seq of the last membership change; 0 while there was none. Every send names it. */
  epoch: seqSchema,
  /** The seq of the newest message; 0 while there is none. */
  head: seqSchema,
  createdAt: timeSchema,
  /** Relay time of the newest message, or of creation. */
  activeAt: timeSchema,
  cursors: z.array(cursorSchema),
});
export type Conversation = z.infer<typeof conversationSchema>;

/** A message as the relay sees it: an opaque payload and its routing. `kind` is `content` for what people send. */
export const envelopeSchema = z.object({
  seq: placeSchema,
  id: messageIdSchema,
  user: userIdSchema,
  device: deviceIdSchema,
  kind: z.string().max(32),
  time: timeSchema,
  payload: bytesSchema,
});
export type Envelope = z.infer<typeof envelopeSchema>;

export const presenceSchema = z.object({
  user: userIdSchema,
  online: z.boolean(),
  /** When the user was last seen; null when never, or when the asker may not know. */
  lastActiveAt: timeSchema.nullable(),
  /** Set, with `online` false, while the relay cannot find out whether the user is online. */
  unknown: z.literal(true).optional(),
});
export type Presence = z.infer<typeof presenceSchema>;

export const registrationModeSchema = z.enum(['open', 'invite', 'closed']);
