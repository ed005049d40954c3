/** Geometry of the message list: what has been seen, and the motion of what arrives. */
import type { VirtualizerHandle } from 'virtua/svelte';
import { isStill } from '../theme/wear-theme.ts';
import type { MessageRow } from './message-rows.ts';

/** Closer than this to the end counts as standing there. */
export const endSlack = 48;

const slideMs = 180;

type Measures = Pick<
  VirtualizerHandle,
  'findItemIndex' | 'getItemOffset' | 'getItemSize' | 'getScrollOffset' | 'getViewportSize'
>;

/**
 * The seq of the newest accepted message that was really seen: its end is on screen, or it fills the screen.
 * @returns 0 when there is none.
 */
export function lastSeen(rows: readonly MessageRow[], measures: Measures): number {
  const top = measures.getScrollOffset();
  const bottom = top + measures.getViewportSize();
  let index = Math.min(rows.length - 1, measures.findItemIndex(bottom));
  const end = measures.getItemOffset(index) + measures.getItemSize(index);
  const fills = measures.getItemOffset(index) <= top;
  if (end > bottom + 1 && !fills) index -= 1;
  for (; index >= 0; index--) {
    const seq = rows[index]?.message.seq;
    if (seq !== null && seq !== undefined) return seq;
  }
  return 0;
}

/** Where a list stands, in pixels of its scroller. */
export interface Standing {
  readonly offset: number;
  readonly size: number;
  readonly width: number;
  readonly height: number;
}

export function standingOf({ scrollTop, scrollHeight, clientWidth, clientHeight }: HTMLElement): Standing {
  return { offset: scrollTop, size: scrollHeight, width: clientWidth, height: clientHeight };
}

/**
 * Whether the end moved away by itself from a list that stood there: a message grew, or the window or the banner took
 * its room. Whoever scrolls up moves away too; but where the window changed, the browser was it who moved the list.
 * @param before null: the list is on its way to a place, and nothing pulls it away from there.
 */
export function slippedFromEnd(before: Standing | null, now: Standing): boolean {
  const left = now.size - now.height - now.offset;
  if (before === null) return false;
  const resized = now.width !== before.width || now.height !== before.height;
  if (!resized && now.offset < before.offset - 1) return false;
  return left >= (resized || now.size !== before.size ? 1.5 : endSlack);
}

export function slideFrom(element: HTMLElement, distance: number): void {
  if (distance <= 0 || isStill()) return;
  element.animate([{ transform: `translateY(${distance}px)` }, { transform: 'none' }], {
    duration: slideMs,
    easing: 'ease-out',
  });
}
