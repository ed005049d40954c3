/** What the screens show: plain data that the engine makes from its store. */
import {
  conversationIdSchema,
  conversationKindSchema,
  deviceIdSchema,
  deviceSchema,
  messageIdSchema,
  registrationModeSchema,
  relayIdSchema,
  seqSchema,
  timeSchema,
  userIdSchema,
} from '../protocol/index.ts';
import { z } from 'zod';
import { mediaItemViewSchema, mediaSummarySchema } from './media-views.ts';
import { faultSchema, personSchema } from './shared-views.ts';

export { faultSchema, personSchema, type FaultView, type PersonView } from './shared-views.ts';

export const accountViewSchema = personSchema.extend({ email: z.string().nullable(), phone: z.string().nullable() });
export type AccountView = z.infer<typeof accountViewSchema>;

/** A relay that answered a check. `address` is its base URL in one form: scheme, host, port, no trailing slash. */
export const relayViewSchema = z.object({
  address: z.string(),
  id: relayIdSchema,
  name: z.string(),
  version: z.string(),
  registration: registrationModeSchema,
  directory: z.boolean(),
  /** Whether the connection is TLS (or to this very machine). */
  secure: z.boolean(),
});
export type RelayView = z.infer<typeof relayViewSchema>;

/** Whether somebody is logged in here, and if not, why not. */
export const sessionViewSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('signed-out'),
    /** `revoked`: the relay ended this device's session; history and outbox are kept for the next log in. */
    reason: z.enum(['never', 'logged-out', 'revoked', 'disabled']),
    /** Filled into the form: the last relay and username used here. */
    address: z.string().nullable(),
    username: z.string().nullable(),
    /** Messages that still wait to be sent. */
    waiting: z.number().int(),
  }),
  z.object({
    state: z.literal('signed-in'),
    account: accountViewSchema,
    device: deviceIdSchema,
    relay: z.object({ address: z.string(), name: z.string(), directory: z.boolean() }),
  }),
]);
export type SessionView = z.infer<typeof sessionViewSchema>;

export const connectionViewSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('offline') }),
  z.object({ state: z.literal('connecting') }),
  /** Messages that were missed are coming in: `received` of `total`. */
  z.object({ state: z.literal('syncing'), received: z.number().int(), total: z.number().int() }),
  z.object({ state: z.literal('online') }),
  /** The last try failed; the next one is at `retryAt` (this machine's clock). */
  z.object({ state: z.literal('waiting'), fault: faultSchema, retryAt: timeSchema }),
  /** Trying again would not help: the person has to act. */
  z.object({ state: z.literal('stopped'), fault: faultSchema }),
]);
export type ConnectionView = z.infer<typeof connectionViewSchema>;

/** The message that another one answers; `excerpt` is null while this device does not have it. */
const quoteViewSchema = z.object({
  id: messageIdSchema,
  sender: personSchema.nullable(),
  /** Its text or caption; empty for files without one. */
  excerpt: z.string().nullable(),
  media: mediaSummarySchema.nullable(),
});

export const contentViewSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string(), replyTo: quoteViewSchema.nullable() }),
  /** One file or an album; `text` is the caption, empty for none. */
  z.object({
    kind: z.literal('media'),
    items: z.array(mediaItemViewSchema),
    text: z.string(),
    replyTo: quoteViewSchema.nullable(),
  }),
  /** Of a kind that this version does not know: "Update Parley to see this message." */
  z.object({ kind: z.literal('unsupported') }),
]);
export type ContentView = z.infer<typeof contentViewSchema>;

/** `received` is for other people's messages; the others are the ticks of one's own. */
export const messageStateSchema = z.enum(['received', 'queued', 'sent', 'delivered', 'read', 'failed']);
export type MessageState = z.infer<typeof messageStateSchema>;

export const messageViewSchema = z.object({
  id: messageIdSchema,
  conversation: conversationIdSchema,
  /** Sorts messages of a conversation: the seq once accepted; larger than any seq while it waits, in the order typed. */
  order: z.number(),
  seq: seqSchema.nullable(),
  sender: personSchema,
  own: z.boolean(),
  /** Relay time once accepted; until then the time at which it was typed. */
  time: timeSchema,
  content: contentViewSchema,
  state: messageStateSchema,
  /** Why it failed, and whether sending it again may help. */
  failure: faultSchema.extend({ retryable: z.boolean() }).nullable(),
});
export type MessageView = z.infer<typeof messageViewSchema>;

export const conversationViewSchema = z.object({
  id: conversationIdSchema,
  kind: conversationKindSchema,
  title: z.string(),
  /** The other person of a direct conversation. */
  peer: personSchema.nullable(),
  /** One line, markup-free; null while nothing was said. */
  preview: z
    .object({
      text: z.string(),
      kind: z.enum(['text', 'media', 'unsupported']),
      media: mediaSummarySchema.nullable(),
      own: z.boolean(),
      state: messageStateSchema,
    })
    .nullable(),
  /** Relay time of the newest message, waiting ones included: the list sorts by it, newest first, then by id. */
  activeAt: timeSchema,
  head: seqSchema,
  unread: z.number().int(),
  readSeq: seqSchema,
  draft: z.string().nullable(),
  /** Own messages that could not be sent. */
  failed: z.number().int(),
});
export type ConversationView = z.infer<typeof conversationViewSchema>;

export const messagePageSchema = z.object({
  messages: z.array(messageViewSchema),
  /** Whether there are older or newer messages beyond this page. */
  hasOlder: z.boolean(),
  hasNewer: z.boolean(),
  /** The first unread message at the time of asking; the "New" line stands above it. */
  firstUnread: messageIdSchema.nullable(),
});
export type MessagePage = z.infer<typeof messagePageSchema>;

export const searchHitSchema = z.object({
  message: messageViewSchema,
  conversationTitle: z.string(),
  /** The text around the match; matched parts are the odd entries (0, 1, 2, …: plain, match, plain, …). */
  excerpt: z.array(z.string()),
});
export type SearchHit = z.infer<typeof searchHitSchema>;

/** `unknown` while there is no connection, or when the relay does not tell. */
export const presenceViewSchema = z.object({
  user: userIdSchema,
  state: z.enum(['online', 'offline', 'unknown']),
  lastActiveAt: timeSchema.nullable(),
});
export type PresenceView = z.infer<typeof presenceViewSchema>;

export const deviceViewSchema = deviceSchema;
export type DeviceView = z.infer<typeof deviceViewSchema>;
