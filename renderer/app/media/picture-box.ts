/** The place that one picture or video takes in a bubble, known from its dimensions before a byte of it is here. Pure. */

/** In CSS pixels at the usual text size; all of them grow with it. */
const widest = 440;
const highest = 400;
const narrowest = 176;
const lowest = 120;
/** Beyond these the picture stands inside its box instead of filling it. */
const flattest = 2.6;
const steepest = 0.56;
/** So much may be cut off to fill the box, as the logarithm of the ratio of both ratios; so much may a small one grow. */
const cropped = 0.2;
const enlarged = 2.5;
/** What is shown of something whose dimensions nobody told. */
const unknownRatio = 4 / 3;

export interface PictureBox {
  readonly width: number;
  readonly height: number;
  /** Whether the picture fills its box: else it stands in the middle, whole, over its own blur. */
  readonly fills: boolean;
}

export interface Dimensions {
  readonly width: number | null;
  readonly height: number | null;
}

/** Width by height. */
export function ratioOf({ width, height }: Dimensions): number {
  return width === null || height === null || width <= 0 || height <= 0 ? unknownRatio : width / height;
}

/** @param leastWidth what stands below the picture, such as a caption, may want more than the picture */
export function pictureBox(dimensions: Dimensions, leastWidth = narrowest): PictureBox {
  const ratio = ratioOf(dimensions);
  const shown = Math.min(flattest, Math.max(steepest, ratio));
  const natural = dimensions.width ?? widest;
  const wanted = Math.min(widest, highest * shown, Math.max(natural, narrowest));
  const width = Math.round(Math.max(wanted, narrowest, leastWidth));
  const height = Math.round(Math.min(highest, Math.max(wanted / shown, lowest)));
  const alike = Math.abs(Math.log(width / height / ratio)) < cropped;
  return { width, height, fills: alike && natural >= width / enlarged };
}
