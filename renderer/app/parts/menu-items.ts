/** What a menu offers, and how the arrow keys go through it. */
import type { Component } from 'svelte';

export interface MenuItem {
  readonly words: string;
  readonly icon: Component<{ strokeWidth?: number; 'aria-hidden'?: 'true' }>;
  /** What can't be taken back stands apart in red. */
  readonly danger?: boolean;
  /** Begins a group under these words; empty: under a line alone. */
  readonly group?: string;
  /** Stands softly at the end of its line. */
  readonly note?: string;
  readonly act: () => void;
}

interface Place {
  /** Items that stand side by side have the same line. */
  readonly line: number;
}

/** Up and down go to the line above or below and come round at the ends; left and right stay in the line. */
export function menuStep(places: readonly Place[], at: number, key: string): number | null {
  const here = places[at]?.line;
  const lines = [...new Set(places.map(({ line }) => line))];
  const firstOf = (line: number | undefined): number => places.findIndex((place) => place.line === line);
  const by = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (by !== undefined) {
    const from = here === undefined ? -1 : lines.indexOf(here);
    return firstOf(from < 0 && by < 0 ? lines.at(-1) : lines[(from + by + lines.length) % lines.length]);
  }
  if (key === 'Home') return 0;
  if (key === 'End') return places.length - 1;
  const aside = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (aside === undefined) return null;
  return places[at + aside]?.line === here ? at + aside : at;
}
