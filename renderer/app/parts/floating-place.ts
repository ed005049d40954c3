/** Where a floating panel stands: beside what it belongs to and wholly inside the window. Pure. */

/** In pixels of the window; a point has no width and no height. */
export interface Anchor {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const gap = 4;
const margin = 8;

export function anchorOf(element: Element): Anchor {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { left, right, top, bottom };
}

export function pointAnchor(x: number, y: number): Anchor {
  return { left: x, right: x, top: y, bottom: y };
}

function inside(at: number, length: number, room: number): number {
  return Math.max(margin, Math.min(at, room - margin - length));
}

/**
 * Below the anchor, or above it where there is no room below and more of it above; over it where neither is enough.
 * @param align which edges of anchor and panel stand in one line
 */
export function placeBeside(
  anchor: Anchor,
  panel: Size,
  room: Size,
  align: 'start' | 'end' = 'start',
): { left: number; top: number } {
  const below = anchor.bottom + gap;
  const above = anchor.top - gap - panel.height;
  const fits = below + panel.height <= room.height - margin;
  const top = fits || above < margin ? below : above;
  const left = align === 'start' ? anchor.left : anchor.right - panel.width;
  return { left: inside(left, panel.width, room.width), top: inside(top, panel.height, room.height) };
}
