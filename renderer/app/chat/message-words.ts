/** Messages in words: their states, and what stands for them in quotes. */
import type { MediaItemView, MediaSummary } from '../../../bridge/media-views.ts';
import type { ContentView, MessageState, MessageView } from '../../../bridge/views.ts';
import { summaryWords } from '../media/media-words.ts';
import { textOf } from './message-powers.ts';

export const stateWords: Record<MessageState, string> = {
  received: '',
  queued: 'Waiting to be sent',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
  lost: 'The relay no longer has this message',
};

export const unsupportedWords = 'Update Parley to see this message.';
export const deletedWords = 'This message was deleted';

const longestExcerpt = 200;

type QuoteView = NonNullable<Extract<ContentView, { kind: 'text' }>['replyTo']>;

/** What stands for files where there is room for one line. */
export function summaryOf(items: readonly MediaItemView[]): MediaSummary | null {
  const [first] = items;
  if (!first) return null;
  // A mixed album is named after what most people would call it: its videos and pictures are "files" to nobody.
  const kind = items.every((item) => item.kind === first.kind) ? first.kind : mixedKind(items);
  return { kind, count: items.length, name: first.name, durationMs: first.durationMs };
}

function mixedKind(items: readonly MediaItemView[]): MediaItemView['kind'] {
  return items.every(({ kind }) => kind === 'picture' || kind === 'video') ? 'picture' : 'file';
}

/** One line for a quote: the words, or what stands for the files. */
export function excerptOf(content: ContentView): string {
  if (content.kind === 'unsupported') return unsupportedWords;
  if (content.kind === 'deleted') return deletedWords;
  const words = textOf(content).slice(0, longestExcerpt).replace(/\s+/gu, ' ').trim();
  return withMedia(words, content.kind === 'media' ? summaryOf(content.items) : null);
}

export function quoteWords({ excerpt, media, deleted }: QuoteView): string {
  if (deleted) return deletedWords;
  if (excerpt === null && media === null) return 'Not on this computer yet';
  return withMedia(excerpt ?? '', media);
}

function withMedia(words: string, media: MediaSummary | null): string {
  if (!media) return words;
  return words === '' ? summaryWords(media) : `${summaryWords(media)}, ${words}`;
}

/** The name of a message for screen readers: sender, what it is, whether it was edited, time, state. */
export function messageLabel({ own, sender, state, content, edited }: MessageView, time: string): string {
  const who = own ? 'You' : sender.displayName;
  if (content.kind === 'deleted') return [who, 'deleted message', time].join(', ');
  const summary = content.kind === 'media' ? summaryOf(content.items) : null;
  const parts = [who, summary ? summaryWords(summary) : '', edited ? 'edited' : '', time, stateWords[state]];
  return parts.filter((part) => part !== '').join(', ');
}

/** What is read out when a message arrives. */
export function spokenWords({ sender, content }: MessageView): string {
  if (content.kind === 'text') return `${sender.displayName}: ${content.text.slice(0, 300)}`;
  if (content.kind === 'media') return `${sender.displayName}: ${excerptOf(content)}`;
  if (content.kind === 'deleted') return `${sender.displayName}: ${deletedWords.toLowerCase()}`;
  return `${sender.displayName}: a message that this version can’t show`;
}
