/** What is inside a payload once it is opened: read and written by devices only, never by the relay. */
import { z } from 'zod';
import { decodeOne, encodeOne } from './codec.ts';
import { messageIdSchema } from './ids.ts';
import { limits } from './limits.ts';

const textContentSchema = z.object({
  kind: z.literal('text'),
  text: z.string().min(1).max(limits.textCharacters),
  replyTo: messageIdSchema.optional(),
});

/** The kinds that this build writes and understands. */
export const contentSchema = z.discriminatedUnion('kind', [textContentSchema]);
export type Content = z.infer<typeof contentSchema>;

/** Content of a kind that this build does not know, or that is broken: kept as bytes, shown as "update the app". */
export interface UnsupportedContent {
  readonly kind: 'unsupported';
  readonly declaredKind: string | null;
}

const signalContentSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('typing'), typing: z.boolean() }),
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
