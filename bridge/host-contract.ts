/** Between the engine and whatever hosts it (the shell, over a MessagePort): secrets, notifications, lifecycle. */
import { conversationIdSchema, messageIdSchema } from '../protocol/index.ts';
import { z } from 'zod';
import { defineContract, noInput, nothing } from './contract.ts';
import { faultSchema } from './views.ts';

/** Served by the host: the engine asks. */
export const hostContract = defineContract({
  commands: {
    /** The session token, or null. */
    'secret.load': { input: noInput, output: z.string().nullable() },
    'secret.save': { input: z.object({ secret: z.string().max(4_096) }), output: nothing },
    'secret.erase': { input: noInput, output: nothing },
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
    /** Unread messages over all conversations, for tray and dock. */
    'unread.changed': z.object({ total: z.number().int() }),
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

/** A further message with one port: a page that wants to talk to the engine. */
export const enginePageSchema = z.object({ type: z.literal('page') });
