/**
 * The form of an export. A folder with `parley-export.json` (the head, written last), a file of JSON lines and web pages
 * for each conversation, and the files of messages as they are. Programs may read it, and Parley takes it in again.
 */
import { z } from 'zod';
import {
  blobIdSchema,
  conversationIdSchema,
  conversationKindSchema,
  deviceIdSchema,
  limits,
  messageIdSchema,
  placeSchema,
  profileSchema,
  relayIdSchema,
  timeSchema,
} from '../../../../protocol/index.ts';

export const exportFormat = {
  name: 'parley-export',
  version: 1,
  head: 'parley-export.json',
  index: 'index.html',
  conversations: 'conversations',
  files: 'files',
} as const;

const count = z.number().int().nonnegative();

/** ISO 8601 in the export, milliseconds here. */
const momentSchema = z.iso
  .datetime()
  .transform((text) => Date.parse(text))
  .pipe(timeSchema);

/** Paths are relative to the export's folder, with `/` between folders. */
const pathSchema = z
  .string()
  .max(1_024)
  .refine((path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'), 'leads elsewhere')
  .refine((path) => !/[\\:\0]/.test(path), 'leads elsewhere');

export const exportHeadSchema = z.object({
  format: z.literal(exportFormat.name),
  version: z.number().int(),
  exportedAt: momentSchema,
  app: z.string(),
  relay: z.object({ id: relayIdSchema, name: z.string(), address: z.string() }),
  account: profileSchema.extend({ email: z.string().nullable(), phone: z.string().nullable() }),
  messages: count,
  files: count,
  missingFiles: count,
  conversations: z.array(
    z.object({
      id: conversationIdSchema,
      kind: conversationKindSchema,
      title: z.string(),
      members: z.array(profileSchema),
      lines: pathSchema,
      page: pathSchema,
      /** What people see, and all that the log holds: edits, deletions and reactions are entries of their own. */
      messages: count,
      entries: count,
    }),
  ),
  drafts: z.array(z.object({ conversation: conversationIdSchema, text: z.string() })),
});
export type ExportHead = z.input<typeof exportHeadSchema>;

const base64Schema = z.base64().max(Math.ceil(limits.payloadBytes / 3) * 4);

/**
 * An entry of the log. `payload` is the envelope's, as the relay stored it; of a message that was taken back it is empty, and
 * `payloadHash` tells what it was. `content` is what the payload says, and `text` how the message reads after all changes.
 */
export const messageLineSchema = z.object({
  type: z.literal('message'),
  seq: placeSchema,
  id: messageIdSchema,
  time: momentSchema,
  sender: profileSchema,
  device: deviceIdSchema,
  kind: z.string().max(32),
  content: z.unknown(),
  text: z.string().nullable(),
  edited: z.boolean(),
  deleted: z.boolean(),
  files: z.array(z.object({ blob: blobIdSchema, path: pathSchema.nullable() })).max(limits.mediaItems),
  payload: base64Schema,
  payloadHash: base64Schema.nullable(),
});
/** A line as it is written. */
export type MessageLine = z.input<typeof messageLineSchema>;
/** A line as it is read. */
export type ReadMessageLine = z.output<typeof messageLineSchema>;

/** What waits to be sent; it is no part of the log, and of no use to an import. */
export interface WaitingLine {
  readonly type: 'waiting';
  readonly id: string;
  readonly time: string;
  readonly state: string;
  readonly content: unknown;
}
