/** Tells holding the microphone button from clicking it, and a swipe away from either. */

/** Shorter is a click: recording goes on by itself. */
const holdMs = 350;
/** So far to the side or up means: not this one. */
const swipePixels = 72;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Release = 'click' | 'send' | 'cancel';

export function isSwipe(from: Point, to: Point): boolean {
  return from.x - to.x > swipePixels || from.y - to.y > swipePixels;
}

/** @param recording whether sound is being taken already: until then a release is a click. */
export function releaseMeans(heldMs: number, from: Point, to: Point, recording: boolean): Release {
  if (heldMs < holdMs || !recording) return 'click';
  return isSwipe(from, to) ? 'cancel' : 'send';
}
