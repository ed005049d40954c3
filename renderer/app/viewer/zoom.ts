/** Where a picture stands on its stage: how large, and how far moved. Pure; lengths in CSS pixels. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Zoom extends Point {
  /** 1: the picture fits the stage. `x` and `y` are its middle's way from the stage's middle. */
  readonly scale: number;
}

export interface Stage {
  readonly stage: Size;
  readonly picture: Size;
}

export const fitted: Zoom = { scale: 1, x: 0, y: 0 };

/** Every picture can be seen at twice its own size, and small ones larger still. */
const leastMost = 4;

/** The picture's size at scale 1: small ones keep their own. */
export function fittedSize({ stage, picture }: Stage): Size {
  const share = Math.min(1, stage.width / picture.width, stage.height / picture.height);
  return { width: picture.width * share, height: picture.height * share };
}

export function mostZoom(places: Stage): number {
  return Math.max(leastMost, (2 * places.picture.width) / fittedSize(places).width);
}

/** @param at the point that stays where it is, from the stage's middle */
export function zoomAt(zoom: Zoom, factor: number, at: Point, places: Stage): Zoom {
  const scale = Math.min(mostZoom(places), Math.max(1, zoom.scale * factor));
  const share = scale / zoom.scale;
  return kept({ scale, x: at.x - (at.x - zoom.x) * share, y: at.y - (at.y - zoom.y) * share }, places);
}

export function panBy(zoom: Zoom, by: Point, places: Stage): Zoom {
  return kept({ scale: zoom.scale, x: zoom.x + by.x, y: zoom.y + by.y }, places);
}

/** To the picture's own size, or to twice the fitted one when that is no larger; from there back. */
export function toggleZoom(zoom: Zoom, at: Point, places: Stage): Zoom {
  if (zoom.scale > 1) return fitted;
  const own = places.picture.width / fittedSize(places).width;
  return zoomAt(zoom, own > 1.2 ? own : 2, at, places);
}

/** A picture larger than the stage covers it; a smaller one stands in its middle. */
function kept({ scale, x, y }: Zoom, places: Stage): Zoom {
  const { width, height } = fittedSize(places);
  const rangeX = Math.max(0, (width * scale - places.stage.width) / 2);
  const rangeY = Math.max(0, (height * scale - places.stage.height) / 2);
  return { scale, x: within(x, rangeX), y: within(y, rangeY) };
}

function within(value: number, range: number): number {
  return Math.min(range, Math.max(-range, value));
}
