/** Menus: where they float and how the keys go through them. */
import { describe, expect, it } from 'vitest';
import { placeBeside, pointAnchor } from '../../../renderer/app/parts/floating-place.ts';
import { menuStep } from '../../../renderer/app/parts/menu-items.ts';

const room = { width: 1_000, height: 800 };
const panel = { width: 200, height: 300 };

describe('a floating panel', () => {
  it('stands below its anchor, with one edge in line', () => {
    const anchor = { left: 400, right: 440, top: 100, bottom: 130 };
    expect(placeBeside(anchor, panel, room)).toEqual({ left: 400, top: 134 });
    expect(placeBeside(anchor, panel, room, 'end')).toEqual({ left: 240, top: 134 });
  });

  it('stands above where there is no room below', () => {
    expect(placeBeside(pointAnchor(400, 700), panel, room)).toEqual({ left: 400, top: 396 });
  });

  it('stays inside a window that is too small for either', () => {
    const small = { width: 260, height: 320 };
    expect(placeBeside(pointAnchor(250, 160), panel, small)).toEqual({ left: 52, top: 12 });
    expect(placeBeside(pointAnchor(250, 160), { width: 900, height: 900 }, small)).toEqual({ left: 8, top: 8 });
  });
});

describe('the keys in a menu', () => {
  // A line of three, and two below it.
  const places = [-1, -1, -1, 3, 4].map((line) => ({ line }));
  it('up and down go from line to line and come round', () => {
    expect(menuStep(places, 1, 'ArrowDown')).toBe(3);
    expect(menuStep(places, 4, 'ArrowDown')).toBe(0);
    expect(menuStep(places, 0, 'ArrowUp')).toBe(4);
    expect(menuStep(places, 3, 'ArrowUp')).toBe(0);
  });

  it('left and right stay in the line, and other keys mean nothing', () => {
    expect(menuStep(places, 0, 'ArrowRight')).toBe(1);
    expect(menuStep(places, 2, 'ArrowRight')).toBe(2);
    expect(menuStep(places, 3, 'ArrowLeft')).toBe(3);
    expect(menuStep(places, 0, 'End')).toBe(4);
    expect(menuStep(places, 0, 'a')).toBeNull();
  });

  it('begin at an end when nothing has the focus', () => {
    expect(menuStep(places, -1, 'ArrowDown')).toBe(0);
    expect(menuStep(places, -1, 'ArrowUp')).toBe(4);
  });
});
