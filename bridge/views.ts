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
    /**
     * `revoked`: the relay does not know this device's session any more; history and outbox are kept for the next log in.
     * `erased`: the person or an admin ended it from elsewhere, and what was kept here is gone.
     */
    reason: z.enum(['never', 'logged-out', 'revoked', 'erased', 'disabled']),
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
  /** Its sender took it back: there is neither an excerpt nor media. */
  deleted: z.boolean(),
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
  /** Its sender took it back: nothing of it is kept. */
  z.object({ kind: z.literal('deleted') }),
  /** Of a kind that this version does not know: "Update Parley to see this message." */
  z.object({ kind: z.literal('unsupported') }),
]);
export type ContentView = z.infer<typeof contentViewSchema>;

/**
 * `received` is for other people's messages; the others but the last are the ticks of one's own.
 * `lost`: the relay had it, was put back to an earlier state and has it no more; it comes back once a device of its sender
 * has sent it again.
 */
export const messageStateSchema = z.enum(['received', 'queued', 'sent', 'delivered', 'read', 'failed', 'lost']);
export type MessageState = z.infer<typeof messageStateSchema>;

export const reactionViewSchema = z.object({
  emoji: z.string(),
  count: z.number().int(),
  /** Whether the person is among them. */
  own: z.boolean(),
  /** Some of those who reacted so, by the order in which they did. */
  people: z.array(personSchema),
});
export type ReactionView = z.infer<typeof reactionViewSchema>;

export const messageViewSchema = z.object({
  id: messageIdSchema,
  conversation: conversationIdSchema,
  /**
   * Sorts messages of a conversation: the seq once accepted; larger than any seq while it waits, in the order typed; between
   * two seqs when the relay lost it.
   */
  order: z.number(),
  /** Null while it waits, and when the relay lost it. */
  seq: seqSchema.nullable(),
  sender: personSchema,
  own: z.boolean(),
  /** Relay time once accepted; until then the time at which it was typed. */
  time: timeSchema,
  content: contentViewSchema,
  state: messageStateSchema,
  /** Why it failed, and whether sending it again may help. */
  failure: faultSchema.extend({ retryable: z.boolean() }).nullable(),
  /** Whether its sender changed the text after sending it. */
  edited: z.boolean(),
  /** Relay time of the last such change; null when there was none, or while it waits to be sent. */
  editedAt: timeSchema.nullable(),
  reactions: z.array(reactionViewSchema),
  /**
   * The person's own change to it that the relay has not accepted yet; the view shows the message as changed already, but
   * for a change that failed.
   */
  change: z
    .object({
      kind: z.enum(['edit', 'delete', 'reaction']),
      failure: faultSchema.extend({ retryable: z.boolean() }).nullable(),
      /** What an edit that failed would have said: the view shows it nowhere else. */
      text: z.string().nullable(),
    })
    .nullable(),
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
      kind: z.enum(['text', 'media', 'deleted', 'unsupported']),
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
  /** Own messages, and own changes to messages, that could not be sent. */
  failed: z.number().int(),
  /** The conversation with oneself: "Notes to self". */
  notes: z.boolean(),
  /** When it was pinned to the top of the list, the last one first; null when it is not. */
  pinnedAt: timeSchema.nullable(),
  /** It raises no notification and does not count for the marks of tray and dock. */
  muted: z.boolean(),
  /** When that ends by itself; null for never, or when it is not muted. */
  mutedUntil: timeSchema.nullable(),
});
export type ConversationView = z.infer<typeof conversationViewSchema>;

/** How one device stands to this one in a conversation. */
export const deviceSyncSchema = z.object({
  device: deviceIdSchema,
  person: personSchema,
  /** Only of one's own devices. */
  name: z.string().nullable(),
  current: z.boolean(),
  /** `same`: it had the same messages in the same order up to `seq`. */
  state: z.enum(['same', 'different']),
  /** How far it had come when it said so. */
  seq: seqSchema,
  time: timeSchema,
});

/** Whether a conversation is the same on this device, the relay and the other devices, and how that is known. */
export const syncStatusSchema = z.object({
  conversation: conversationIdSchema,
  state: z.enum([
    /** Not looked at yet, or the relay cannot be asked. */
    'unknown',
    'checking',
    /** This device and the relay hold the same; so do all devices that said how far they are. */
    'same',
    /** A difference was found here, and what differs is fetched again. */
    'repairing',
    /** A difference stays: see `problem`. */
    'different',
  ]),
  /** How far this device holds it, and the relay. */
  seq: seqSchema,
  head: seqSchema,
  /** The first message that the proof covers: 1, or a later one where neither device nor relay has what was before it. */
  from: seqSchema,
  /** Relay time of the last completed check; null when there was none. */
  checkedAt: timeSchema.nullable(),
  devices: z.array(deviceSyncSchema),
  /**
   * Messages that differed here and were fetched again by the present or last repair; null when there was none. `total`
   * counts those in doubt as long as it goes on, then it equals `done`.
   */
  repair: z.object({ done: z.number().int(), total: z.number().int(), at: timeSchema }).nullable(),
  /** For a person: what differs and what to do. */
  problem: faultSchema.nullable(),
});
export type SyncStatus = z.infer<typeof syncStatusSchema>;
export type DeviceSync = z.infer<typeof deviceSyncSchema>;

/** Work on all data of the account that takes a while. */
export const dataJobSchema = z.object({
  job: z.enum(['export', 'import', 'backup', 'restore']),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  /** In messages, or in bytes of files: whatever the present part counts. */
  done: z.number(),
  total: z.number(),
  /** What was made or taken in, for a person; of an import, what is new here. */
  result: z
    .object({
      messages: z.number().int(),
      files: z.number().int(),
      /** Files that messages tell of and that were not there to be taken. */
      missingFiles: z.number().int(),
      /** Messages that an import left out: this computer holds others in their place, or they could not be read. */
      leftOut: z.number().int(),
    })
    .nullable(),
  failure: faultSchema.nullable(),
});
export type DataJob = z.infer<typeof dataJobSchema>;

/** What this computer does for its own copy of the history. */
export const safekeepingSchema = z.object({
  /** Keeps a second copy of the history's database, brought up to date while idle. */
  keepCopy: z.boolean(),
  copiedAt: timeSchema.nullable(),
  /** When the whole database was last read and found sound. */
  checkedAt: timeSchema.nullable(),
});
export type Safekeeping = z.infer<typeof safekeepingSchema>;

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

/** `unknown` while there is no connection or no answer yet; `unclear` while the relay itself cannot find out. */
export const presenceViewSchema = z.object({
  user: userIdSchema,
  state: z.enum(['online', 'offline', 'unknown', 'unclear']),
  lastActiveAt: timeSchema.nullable(),
});
export type PresenceView = z.infer<typeof presenceViewSchema>;

export const deviceViewSchema = deviceSchema;
export type DeviceView = z.infer<typeof deviceViewSchema>;
