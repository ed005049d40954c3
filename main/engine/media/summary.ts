/** What stands for files where there is room for one line. */
import type { MediaSummary } from '../../../bridge/media-views.ts';
import type { MediaKind } from '../../../protocol/index.ts';

interface Summed {
  readonly kind: MediaKind;
  readonly name: string;
  readonly durationMs?: number | null | undefined;
}

/** Files of several kinds together are just files. Null for none. */
export function summaryOf(items: readonly Summed[]): MediaSummary | null {
  const [first] = items;
  if (!first) return null;
  const kind = items.every((item) => item.kind === first.kind) ? first.kind : 'file';
  return { kind, count: items.length, name: first.name, durationMs: first.durationMs ?? null };
}

const words: Readonly<Record<Exclude<MediaKind, 'file'>, readonly [one: string, several: string]>> = {
  picture: ['Photo', 'photos'],
  video: ['Video', 'videos'],
  voice: ['Voice message', 'voice messages'],
  audio: ['Audio', 'audio files'],
};

/** For a notification: "Photo", "3 photos", "Voice message", the name of a file. */
export function summaryWords({ kind, count, name }: MediaSummary): string {
  if (count > 1) return `${count} ${kind === 'file' ? 'files' : words[kind][1]}`;
  return kind === 'file' ? name : words[kind][0];
}
