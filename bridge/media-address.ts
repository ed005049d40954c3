/** The addresses under which pages see files: `parley-media://file/CONVERSATION/MESSAGE/ITEM`. */
import { mediaRefSchema, type MediaRef } from './media-views.ts';

export const mediaScheme = 'parley-media';

export function mediaAddress({ conversation, message, item }: MediaRef): string {
  return `${mediaScheme}://file/${conversation}/${message}/${item}`;
}

/** @returns null for an address that names no file. */
export function parseMediaAddress(address: string): MediaRef | null {
  const found = /^parley-media:\/\/file\/([0-9a-f-]{36})\/([0-9a-f-]{36})\/(\d{1,2})$/.exec(address);
  const [, conversation, message, item] = found ?? [];
  return mediaRefSchema.safeParse({ conversation, message, item: Number(item) }).data ?? null;
}
