/** Notes as they cross between nodes: what arrives is parsed, never believed. */
import { z } from 'zod';
import {
  bytesSchema,
  conversationIdSchema,
  conversationSchema,
  cursorSchema,
  deviceIdSchema,
  envelopeSchema,
  presenceSchema,
  profileSchema,
  seqSchema,
  timeSchema,
  userIdSchema,
} from '../../../protocol/index.ts';
import type { Note } from '../../ports/bus.ts';

const conversation = conversationIdSchema;

const notes = {
  messages: z.object({
    type: z.literal('messages'),
    conversation,
    messages: z.array(envelopeSchema),
    except: deviceIdSchema,
  }),
  head: z.object({ type: z.literal('head'), conversation, head: seqSchema }),
  cursors: z.object({ type: z.literal('cursors'), conversation, cursors: z.array(cursorSchema) }),
  conversation: z.object({
    type: z.literal('conversation'),
    conversation: conversationSchema,
    profiles: z.array(profileSchema),
  }),
  signal: z.object({
    type: z.literal('signal'),
    conversation,
    user: userIdSchema,
    device: deviceIdSchema,
    payload: bytesSchema,
  }),
  presence: z.object({ type: z.literal('presence'), presence: presenceSchema }),
  profile: z.object({ type: z.literal('profile'), profile: profileSchema }),
  revoked: z.object({
    type: z.literal('revoked'),
    devices: z.literal('all').or(z.array(deviceIdSchema)),
    erase: z.boolean(),
  }),
  devices: z.object({ type: z.literal('devices') }),
  replaced: z.object({ type: z.literal('replaced'), at: timeSchema }),
  stale: z.object({
    type: z.literal('stale'),
    user: userIdSchema.optional(),
    conversation: conversation.optional(),
  }),
} satisfies { [T in Note['type']]: z.ZodType<Extract<Note, { type: T }>> };

/** @returns null for what is no note, or one of a newer relay. */
export function parseNote(value: unknown): Note | null {
  const type = (value as { type?: unknown } | null)?.type;
  if (typeof type !== 'string' || !Object.hasOwn(notes, type)) return null;
  return notes[type as Note['type']].safeParse(value).data ?? null;
}
