/** The values that all devices of an account share (content kind `account`): their names and shapes. */
import { z } from 'zod';
import { timeSchema } from './entities.ts';
import type { ConversationId } from './ids.ts';
import { limits } from './limits.ts';

/** By the part of a name before its colon; behind it stands the id of the conversation that the value is about. */
export const accountValueSchemas = {
  /** What was typed and not sent yet. */
  draft: z.object({ text: z.string().min(1).max(limits.textCharacters) }),
  /** Stands above the others in the list; the last pinned first. */
  pin: z.object({ at: timeSchema }),
  /** Raises no notification until then; null: until it is taken away. */
  mute: z.object({ until: timeSchema.nullable() }),
  /** Whether files may go directly to other devices; about no conversation. */
  'media-path': z.object({ path: z.enum(['automatic', 'relay', 'direct']) }),
} as const;

export type AccountValueKind = keyof typeof accountValueSchemas;
export type AccountValue<K extends AccountValueKind> = z.infer<(typeof accountValueSchemas)[K]>;

/** @param conversation null for a value that is about none. */
export function accountValueName(kind: AccountValueKind, conversation: ConversationId | null): string {
  return conversation === null ? kind : `${kind}:${conversation}`;
}
