/** Names one cell of the picker: an emoji used last stands in two sections. */
import type { Emoji, EmojiCategory } from './emoji-list.ts';

export function cellKey({ name }: EmojiCategory, { sign }: Emoji): string {
  return `${name} ${sign}`;
}
