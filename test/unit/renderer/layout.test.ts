/** How the window divides its room. */
import { expect, it } from 'vitest';
import { isNarrow } from '../../../renderer/app/window/layout.ts';

it.each([
  [720, 100, false],
  [719, 100, true],
  [900, 125, false],
  [900, 150, true],
  [1_440, 200, false],
  [560, 75, false],
])('a window of %i px with letters of %i %% shows one pane at a time: %s', (width, scale, narrow) => {
  expect(isNarrow(width, scale)).toBe(narrow);
});
