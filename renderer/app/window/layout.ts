/** How the window divides its room, in the person's own text size: larger letters need a wider window for two panes. */

/** Below this many pixels, at the usual text size, list and conversation take turns. */
const narrowestWithList = 720;

/** @param textScale root font size in percent */
export function isNarrow(windowPx: number, textScale: number): boolean {
  return windowPx < narrowestWithList * (textScale / 100);
}
