/** The frames of the WebSocket `/v1/socket`: what devices say and what the relay answers. */
import { z } from 'zod';
import { chainFormat } from './chain.ts';
import {
  bytesSchema,
  conversationSchema,
  cursorSchema,
  envelopeSchema,
  placeSchema,
  presenceSchema,
  profileSchema,
  seqSchema,
  timeSchema,
} from './entities.ts';
import { conversationIdSchema, deviceIdSchema, messageIdSchema, relayIdSchema, userIdSchema } from './ids.ts';
import { limits } from './limits.ts';

/** Chosen by the asker, repeated in the answer. */
const ref = z.number().int().min(0).max(0xffff_ffff);
const payload = bytesSchema.refine((bytes) => bytes.byteLength > 0, 'is empty');

/** What one side can do beyond the first of its kind; whoever does not know a word passes over it. */
const features = z.array(z.string().max(32)).max(64).optional();

/** The first frame of a connection. Answered by `welcome`, or by an `error` and a close. */
const hello = z.object({
  type: z.literal('hello'),
  versions: z.array(z.number().int().positive()).min(1).max(16),
  token: z.string().min(1).max(256),
  /** Counts how often this device lost and rebuilt its state; the relay keeps the greatest. */
  generation: seqSchema,
  client: z.object({ name: z.string().max(64), version: z.string().max(64) }),
  /** What the device can do beyond the first relays: `devices` if it wants frames of that type. */
  features,
});

/**
 * Which seq the device holds of each conversation; several frames if there are many, `last` on the final one. With `overlap`
 * there the device gets the message at that seq again wherever there are newer ones: in a log that went back to an old copy
 * and grew again it is another one, or has another time. With `ahead` it takes the newest messages of a conversation
 * first, though much before them is yet to come.
 */
const sync = z.object({
  type: z.literal('sync'),
  have: z.array(z.object({ conversation: conversationIdSchema, seq: seqSchema })).max(limits.syncEntries),
  last: z.boolean(),
  overlap: z.boolean().optional(),
  ahead: z.boolean().optional(),
});

/**
 * A message to store. Answered by `accepted` or `refused`. Sending the same id again gives the same seq.
 * `shares` is kept free for payloads to single devices (sealing); a relay of version 1 takes none.
 */
const send = z.object({
  type: z.literal('send'),
  conversation: conversationIdSchema,
  id: messageIdSchema,
  epoch: seqSchema,
  payload,
  shares: z.array(z.never()).max(0).optional(),
});

/** Moves the user's own cursors up to a seq; lower values than the relay's change nothing. */
const cursor = z.object({
  type: z.literal('cursor'),
  conversation: conversationIdSchema,
  delivered: seqSchema.optional(),
  read: seqSchema.optional(),
});

/** Asks for messages `from` to `to`, both included. Answered by one `fetched`, which may hold fewer: ask on. */
const fetchRange = z.object({
  type: z.literal('fetch'),
  ref,
  conversation: conversationIdSchema,
  from: seqSchema.min(1),
  to: seqSchema.min(1),
});

/** The people whose presence the device wants to know from now on; replaces the earlier list. */
const watch = z.object({ type: z.literal('watch'), users: z.array(userIdSchema).max(limits.watchedUsers) });

/**
 * An ephemeral payload to the other members' online devices, or to one device. Never stored.
 * With `own` it goes to the user's own other devices too. It never comes back to the device that sent it.
 */
const signal = z.object({
  type: z.literal('signal'),
  ref,
  conversation: conversationIdSchema,
  device: deviceIdSchema.optional(),
  own: z.boolean().optional(),
  payload: payload.refine((bytes) => bytes.byteLength <= limits.signalBytes, 'is too large'),
});

const link = bytesSchema.refine((bytes) => bytes.byteLength === chainFormat.linkBytes, 'is not a link of a chain');
const head = z.object({ conversation: conversationIdSchema, seq: seqSchema, link });

/**
 * Signs off: the device holds these conversations up to these seqs, and these are the links it computed from what it holds.
 * The relay keeps the last one of each device for the members; no answer.
 */
const attest = z.object({ type: z.literal('attest'), heads: z.array(head).min(1).max(limits.chainEntries) });

/** Asks for links that the relay computed from its log, and for what devices signed off. Answered by `chained`. */
const chain = z.object({
  type: z.literal('chain'),
  ref,
  conversation: conversationIdSchema,
  /** Seqs; 0 for the head. Those beyond the head are left out of the answer. */
  seqs: z.array(seqSchema).max(limits.chainEntries),
});

const ping = z.object({ type: z.literal('ping') });

export const clientFrameSchema = z.discriminatedUnion('type', [
  hello,
  sync,
  send,
  cursor,
  fetchRange,
  watch,
  signal,
  attest,
  chain,
  ping,
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

const welcome = z.object({
  type: z.literal('welcome'),
  version: z.number().int(),
  relay: z.object({ id: relayIdSchema, name: z.string(), version: z.string() }),
  user: profileSchema,
  device: deviceIdSchema,
  generation: seqSchema,
  time: timeSchema,
  /** Send a `ping` when nothing was sent for this long. */
  heartbeatMs: z.number().int().positive(),
  /** Either side may give up a link that was silent for this long. */
  deadAfterMs: z.number().int().positive(),
  limits: z.object({
    payloadBytes: z.number().int(),
    clientFrameBytes: z.number().int(),
    batchMessages: z.number().int(),
    syncEntries: z.number().int(),
    watchedUsers: z.number().int(),
    signalBytes: z.number().int(),
  }),
  /** `chain`: it takes the frames `attest` and `chain`. */
  features,
});

/** Conversations as they are now, with the profiles of their members: at sync all of them, later new or changed ones. */
const conversations = z.object({
  type: z.literal('conversations'),
  conversations: z.array(conversationSchema),
  profiles: z.array(profileSchema),
});

/** After the last `conversations` of a sync: how much is to come. */
const syncing = z.object({ type: z.literal('syncing'), conversations: z.number().int(), messages: z.number().int() });
/** Everything that was missing when the sync began has been sent. */
const synced = z.object({ type: z.literal('synced') });

/** Messages of one conversation in seq order, without holes inside the frame. */
const deliver = z.object({
  type: z.literal('deliver'),
  conversation: conversationIdSchema,
  messages: z.array(envelopeSchema),
});

/** The message is on disk under this seq (P1). */
const accepted = z.object({
  type: z.literal('accepted'),
  conversation: conversationIdSchema,
  id: messageIdSchema,
  seq: placeSchema,
  time: timeSchema,
});

/** The message was not stored. With code `stale_epoch`, `epoch` is the current one. */
const refused = z.object({
  type: z.literal('refused'),
  conversation: conversationIdSchema,
  id: messageIdSchema,
  code: z.string(),
  message: z.string(),
  epoch: seqSchema.optional(),
  retryAfterMs: z.number().optional(),
});

const cursors = z.object({
  type: z.literal('cursors'),
  conversation: conversationIdSchema,
  cursors: z.array(cursorSchema),
});

/** The answer to `fetch`: messages from the asked `from` on; `head` is the conversation's newest seq. */
const fetched = z.object({
  type: z.literal('fetched'),
  ref,
  conversation: conversationIdSchema,
  head: seqSchema,
  messages: z.array(envelopeSchema),
});

const presence = z.object({ type: z.literal('presence'), users: z.array(presenceSchema) });
/** Changed profiles of people whom the device watches, or of its own user. */
const profiles = z.object({ type: z.literal('profiles'), profiles: z.array(profileSchema) });

const signalled = z.object({
  type: z.literal('signal'),
  conversation: conversationIdSchema,
  user: userIdSchema,
  device: deviceIdSchema,
  payload: bytesSchema,
});

/** The answer to `chain`. `devices` are the members' devices that signed off and were not revoked since. */
const chained = z.object({
  type: z.literal('chained'),
  ref,
  conversation: conversationIdSchema,
  head: seqSchema,
  links: z.array(z.object({ seq: seqSchema, link })),
  devices: z.array(z.object({ user: userIdSchema, device: deviceIdSchema, seq: seqSchema, link, time: timeSchema })),
});

/** The user's devices are others now: one was added, or its session ended. Ask `GET /v1/devices`. */
const devices = z.object({ type: z.literal('devices') });

/** Nobody was there to take the signal. */
const unreachable = z.object({ type: z.literal('unreachable'), ref });
const pong = z.object({ type: z.literal('pong') });

/**
 * A frame could not be carried out. One that names a `ref` or a `conversation` is about that frame alone and the
 * connection goes on; with another, if the code has a close code in the table, the close follows.
 */
const error = z.object({
  type: z.literal('error'),
  code: z.string(),
  message: z.string(),
  ref: ref.optional(),
  conversation: conversationIdSchema.optional(),
  retryAfterMs: z.number().optional(),
});

/** The relay is about to close: come back after `retryAfterMs`. */
const goodbye = z.object({
  type: z.literal('goodbye'),
  code: z.string(),
  message: z.string(),
  retryAfterMs: z.number(),
});

export const relayFrameSchema = z.discriminatedUnion('type', [
  welcome,
  conversations,
  syncing,
  synced,
  deliver,
  accepted,
  refused,
  cursors,
  fetched,
  presence,
  profiles,
  signalled,
  chained,
  devices,
  unreachable,
  pong,
  error,
  goodbye,
]);
export type RelayFrame = z.infer<typeof relayFrameSchema>;

/** Picks one frame of a union by its type. */
export type FrameOf<F extends { type: string }, T extends F['type']> = Extract<F, { type: T }>;
