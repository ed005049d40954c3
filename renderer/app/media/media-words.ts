/** Files in words and signs: sizes, durations, speeds, what stands for them in one line, which icon. */
import type { Component } from 'svelte';
import File from '@lucide/svelte/icons/file';
import FileArchive from '@lucide/svelte/icons/file-archive';
import FileCode from '@lucide/svelte/icons/file-code';
import FileImage from '@lucide/svelte/icons/file-image';
import FileMusic from '@lucide/svelte/icons/file-music';
import FilePlay from '@lucide/svelte/icons/file-play';
import FileSpreadsheet from '@lucide/svelte/icons/file-spreadsheet';
import FileTerminal from '@lucide/svelte/icons/file-terminal';
import FileText from '@lucide/svelte/icons/file-text';
import Image from '@lucide/svelte/icons/image';
import Mic from '@lucide/svelte/icons/mic';
import Music from '@lucide/svelte/icons/music';
import Video from '@lucide/svelte/icons/video';
import type { MediaItemView, MediaSummary } from '../../../bridge/media-views.ts';

type MediaKind = MediaItemView['kind'];
/** A Lucide icon; give it `strokeWidth={1.75}`. */
export type MediaIcon = Component<{ strokeWidth?: number; 'aria-hidden'?: 'true' }>;

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
/** Between a number and its unit, so that no line breaks there. */
const gap = '\u00A0';

/** "512 B", "84 kB", "1.2 MB", "120 MB": decimal units, as the systems' file managers show them. */
export function bytesWords(bytes: number, locale?: string): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.95 would be written as 1,000: it belongs to the next unit.
  while (unit < units.length - 1 && value >= (unit === 0 ? 1_000 : 999.5)) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit >= 2 && value < 99.95 ? 1 : 0;
  const number = value.toLocaleString(locale, { maximumFractionDigits: digits });
  return `${number}${gap}${units[unit] ?? ''}`;
}

/** "0:42", "12:05", "1:02:03". */
export function durationWords(ms: number): string {
  const whole = Math.round(Math.max(0, ms) / 1_000);
  const [hours, minutes, seconds] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number): string => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** "3.4 MB/s". */
export function speedWords(bytesPerSecond: number, locale?: string): string {
  return `${bytesWords(bytesPerSecond, locale)}/s`;
}

/** "a few seconds left", "25 s left", "3 min left", "1 h 20 min left": in steps, so that it does not flicker. */
export function timeLeftWords(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / 1_000);
  if (seconds <= 5) return 'a few seconds left';
  if (seconds <= 55) return `${Math.ceil(seconds / 5) * 5}${gap}s left`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes}${gap}min left`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours >= 24) return 'more than a day left';
  return rest === 0 ? `${hours}${gap}h left` : `${hours}${gap}h ${rest}${gap}min left`;
}

const several = { picture: 'photos', video: 'videos', voice: 'voice messages', audio: 'audio files', file: 'files' };

/** "Photo", "3 photos", "Video 0:42", "Voice message 0:42", the name of a file, "4 files". */
export function summaryWords({ kind, count, name, durationMs }: MediaSummary): string {
  if (count > 1) return `${count} ${several[kind]}`;
  if (kind === 'picture') return 'Photo';
  if (kind === 'audio' || kind === 'file') return name;
  const words = kind === 'video' ? 'Video' : 'Voice message';
  return durationMs === null ? words : `${words} ${durationWords(durationMs)}`;
}

const kindIcons: Partial<Record<MediaKind, MediaIcon>> = { picture: Image, video: Video, voice: Mic, audio: Music };

/** By the end of the name, which is what the system goes by when the file is opened. */
const endings: readonly (readonly [RegExp, MediaIcon])[] = [
  [/^(zip|7z|rar|tar|gz|tgz|bz2|xz|zst|iso|dmg)$/, FileArchive],
  [/^(exe|msi|bat|cmd|com|scr|ps1|sh|app|apk|deb|rpm|appimage|jar|run|bin)$/, FileTerminal],
  [/^(xlsx?|ods|csv|tsv|numbers)$/, FileSpreadsheet],
  [/^(pdf|txt|md|rtf|docx?|odt|pages|pptx?|odp|key|epub)$/, FileText],
  [/^([cm]?[jt]sx?|json|html?|xml|css|py|rs|go|java|kt|swift|c|h|cpp|cs|rb|php|sql|ya?ml|toml)$/, FileCode],
  [/^(svg|psd|ai|tiff?|heic|raw|bmp)$/, FileImage],
  [/^(mp3|m4a|flac|ogg|opus|wav|aac|midi?)$/, FileMusic],
  [/^(mp4|mkv|mov|avi|webm|m4v|wmv)$/, FilePlay],
];
const types: readonly (readonly [RegExp, MediaIcon])[] = [
  [/^image\//, FileImage],
  [/^audio\//, FileMusic],
  [/^video\//, FilePlay],
  [/^(text\/plain|application\/pdf)$/, FileText],
  [/^text\//, FileCode],
];

export function mediaIcon(kind: MediaKind, type: string, name: string): MediaIcon {
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const fits = ([pattern]: readonly [RegExp, MediaIcon], text: string): boolean => pattern.test(text);
  return (
    kindIcons[kind] ??
    (endings.find((one) => fits(one, ending)) ?? types.find((one) => fits(one, type.toLowerCase())))?.[1] ??
    File
  );
}
