/** Messages in words: their states, and what stands for them in quotes. */
import type { ContentView, MessageState, MessageView } from '../../../bridge/views.ts';

export const stateWords: Record<MessageState, string> = {
  received: '',
  queued: 'Waiting to be sent',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
};

export const unsupportedWords = 'Update Parley to see this message.';

const longestExcerpt = 200;

/** One line for a quote. */
export function excerptOf(content: ContentView): string {
  if (content.kind === 'unsupported') return unsupportedWords;
  return content.text.slice(0, longestExcerpt).replace(/\s+/gu, ' ').trim();
}

/** The name of a message for screen readers: sender, time, state. */
export function messageLabel({ own, sender, state }: MessageView, time: string): string {
  const words = stateWords[state];
  return [own ? 'You' : sender.displayName, time, words].filter((part) => part !== '').join(', ');
}
