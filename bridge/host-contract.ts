/** Between the engine and whatever hosts it (the shell, over a MessagePort): secrets, notifications, lifecycle. */
import { conversationIdSchema, mediaKindSchema, messageIdSchema } from '../protocol/index.ts';
import { z } from 'zod';
import { defineContract, noInput, nothing } from './contract.ts';
import { fileGrantSchema, mediaRefSchema } from './media-views.ts';
import { faultSchema } from './views.ts';

/** Served by the host: the engine asks. */
export const hostContract = defineContract({
  commands: {
    /** The session token, or null. */
    'secret.load': { input: noInput, output: z.string().nullable() },
    'secret.save': { input: z.object({ secret: z.string().max(4_096) }), output: nothing },
    'secret.erase': { input: noInput, output: nothing },
    /** Opens the hidden peer page, a new one if it had its port already; the port comes with an `enginePeerSchema` message. */
    'peer.open': { input: noInput, output: nothing },
    /** The engine needs the peer page no more for now. */
    'peer.close': { input: noInput, output: nothing },
  },
  events: {},
});
export type HostContract = typeof hostContract;

/** Served by the engine: the host asks and listens. */
export const guestContract = defineContract({
  commands: {
    /** Stores what is pending, closes the database; the process may end afterwards. */
    'engine.close': { input: noInput, output: nothing },
    /** The system woke up or the network changed: look at the connection now. */
    'engine.wake': { input: noInput, output: nothing },
    /** Files that the person chose in a page. Null for what is no readable file. */
    'files.grant': {
      input: z.object({ paths: z.array(z.string().min(1)).max(1_000) }),
      output: z.array(fileGrantSchema.nullable()),
    },
    /** What is known of a file; fails with `not_found` for one that there is not. */
    'media.describe': {
      input: mediaRefSchema,
      output: z.object({
        name: z.string(),
        kind: mediaKindSchema,
        bytes: z.number(),
        dangerous: z.boolean(),
        /** The media type under which a page may be given it; null: never to a page. */
        inlineType: z.string().nullable(),
        held: z.boolean(),
        /** Where the person's last copy was saved; it may be gone. */
        savedAs: z.string().nullable(),
      }),
    },
    /**
     * Bytes of a file, at most 1 MiB and at least one unless `from` is its end. What is not here yet is fetched before
     * anything else, and waited for; fails with `unreachable` when it does not come.
     */
    'media.read': {
      input: mediaRefSchema.extend({ from: z.number().int().nonnegative(), length: z.number().int().positive() }),
      output: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
    },
    /** Writes the whole file, deciphered, to a new path; it appears there whole or not at all. */
    'media.export': { input: mediaRefSchema.extend({ path: z.string(), remember: z.boolean() }), output: nothing },
    /**
     * Work on all data of the account; each resolves when it has begun, and tells how it goes with `data.job-changed`.
     * `folder` is a new or empty one; a `file` that is there already stays as it is until the new one is whole.
     */
    'data.export': { input: z.object({ folder: z.string() }), output: nothing },
    /** What a copy of the account's data is to be called, safe as a file's name and without an ending. */
    'data.title': { input: noInput, output: z.string() },
    /** Takes in what an export of the same account holds and this device lacks. */
    'data.import': { input: z.object({ folder: z.string() }), output: nothing },
    'data.backup': { input: z.object({ file: z.string(), passphrase: z.string().min(8).max(1_024) }), output: nothing },
    /** Only while nobody is logged in: puts the history in its place, so that logging in goes on with it. */
    'data.restore': { input: z.object({ file: z.string(), passphrase: z.string().max(1_024) }), output: nothing },
  },
  events: {
    /** A message that a person may want to hear of: not own, not yet read, not part of a catch-up older than a minute. */
    'message.arrived': z.object({
      conversation: conversationIdSchema,
      message: messageIdSchema,
      title: z.string(),
      text: z.string(),
    }),
    /** The person read a conversation, here or on another device: its notifications can go. */
    'conversation.read': z.object({ conversation: conversationIdSchema }),
    /** Devices of the account appeared that the person is to be warned of. */
    'devices.appeared': z.object({ names: z.array(z.string()).min(1) }),
    /** Unread messages over all conversations, for tray and dock. */
    'unread.changed': z.object({ total: z.number().int() }),
    /** Whether files travel right now: then the computer is not to fall asleep by itself. */
    'transfers.moving': z.object({ moving: z.boolean() }),
    'storage.failed': faultSchema,
  },
});
export type GuestContract = typeof guestContract;

/** Passed to the engine's process with its first message, beside the port of the host. */
export const engineStartSchema = z.object({
  type: z.literal('start'),
  dataDir: z.string(),
  appVersion: z.string(),
  deviceName: z.string(),
  platform: z.string(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']),
});
export type EngineStart = z.infer<typeof engineStartSchema>;

/** A further message with one port: the peer page, which serves `peerContract` on it. */
export const enginePeerSchema = z.object({ type: z.literal('peer') });

/** A further message with one port: a page that wants to talk to the engine. */
export const enginePageSchema = z.object({ type: z.literal('page') });
