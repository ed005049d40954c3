/** What a payload holds once it is opened and read: something that is shown, or something that changes what is shown. */
import type { AccountContent, ChangeContent, MediaItem, MessageId } from '../../../protocol/index.ts';

/** What is shown as a message of its own. */
export type ShownContent =
  | { readonly kind: 'text'; readonly text: string; readonly replyTo: MessageId | null }
  | {
      readonly kind: 'media';
      /** The caption. */
      readonly text: string | null;
      readonly replyTo: MessageId | null;
      readonly items: readonly MediaItem[];
    }
  | { readonly kind: 'unsupported' };

/** What a payload turned out to hold; null for envelopes that are not for people. */
export type Decoded = ShownContent | ChangeContent | AccountContent | null;

/** Whether people see it as a message of its own. */
export function isShown(decoded: Decoded): decoded is ShownContent {
  return decoded?.kind === 'text' || decoded?.kind === 'media' || decoded?.kind === 'unsupported';
}

export function isChange(decoded: Decoded): decoded is ChangeContent {
  return decoded?.kind === 'edit' || decoded?.kind === 'delete' || decoded?.kind === 'reaction';
}

/** What is looked up of it: its text or caption, and the message that it answers. */
export function textOf(decoded: Decoded): { text: string | null; replyTo: MessageId | null } {
  return decoded?.kind === 'text' || decoded?.kind === 'media' ? decoded : { text: null, replyTo: null };
}
