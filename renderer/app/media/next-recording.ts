/** Which voice message plays on when one has ended. Pure. */
import type { MediaRef } from '../../../bridge/media-views.ts';
import type { MessageView } from '../../../bridge/views.ts';
import type { Track } from './playback.svelte.ts';

/** The items of a message that are heard, as the player wants them. */
export function tracksOf({ id, conversation, content, sender, own }: MessageView): Track[] {
  if (content.kind !== 'media') return [];
  return content.items
    .filter(({ kind }) => kind === 'voice' || kind === 'audio')
    .map(({ item, kind, name, durationMs, held }) => ({
      ref: { conversation, message: id, item },
      voice: kind === 'voice',
      title: kind === 'voice' ? (own ? 'you' : sender.displayName) : name,
      durationMs,
      held,
    }));
}

/** @param messages of one conversation, in order. @returns null when no voice message comes after `ref`. */
export function nextRecording(messages: readonly MessageView[], ref: MediaRef): Track | null {
  const at = messages.findIndex(({ id }) => id === ref.message);
  if (at < 0) return null;
  const following = messages
    .slice(at)
    .flatMap(tracksOf)
    .filter(({ voice }) => voice);
  return following.find((track) => track.ref.message !== ref.message || track.ref.item > ref.item) ?? null;
}
