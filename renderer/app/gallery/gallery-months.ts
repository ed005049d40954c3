/** The files of a gallery by the months in which they were sent. Pure. */
import type { GalleryItem } from '../../../bridge/media-views.ts';

export interface GalleryMonth {
  readonly key: string;
  /** "March", "March 2024". */
  readonly words: string;
  readonly items: readonly GalleryItem[];
}

/** Keeps the order; a month of another year than the present one is named with its year. */
export function galleryMonths(items: readonly GalleryItem[], now: number, locale?: string): GalleryMonth[] {
  const months = new Map<string, GalleryItem[]>();
  for (const item of items) {
    const key = monthKey(item.time);
    const month = months.get(key);
    if (month) month.push(item);
    else months.set(key, [item]);
  }
  return [...months].map(([key, month]) => ({
    key,
    words: monthWords(month[0]?.time ?? now, now, locale),
    items: month,
  }));
}

function monthKey(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${date.getMonth() + 1}`;
}

function monthWords(time: number, now: number, locale: string | undefined): string {
  const date = new Date(time);
  const year = date.getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' as const };
  return date.toLocaleDateString(locale, { month: 'long', ...year });
}
