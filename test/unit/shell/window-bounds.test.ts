import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSize, fitBounds, minimumSize, type Bounds } from '../../../main/window-bounds.ts';

const left: Bounds = { x: 0, y: 24, width: 1920, height: 1056 };
const right: Bounds = { x: 1920, y: 0, width: 2560, height: 1440 };

describe('the place of a window', () => {
  it('is left to the system the first time', () => {
    expect(fitBounds(null, [left])).toEqual(defaultSize);
  });

  it('is the remembered one while its screen is there', () => {
    const bounds = { x: 2000, y: 100, width: 900, height: 700 };
    expect(fitBounds(bounds, [left, right])).toEqual(bounds);
  });

  it('is left to the system when its screen is gone, and the size is kept', () => {
    expect(fitBounds({ x: 2000, y: 100, width: 900, height: 700 }, [left])).toEqual({ width: 900, height: 700 });
  });

  it('is left to the system when the title bar cannot be reached', () => {
    expect(fitBounds({ x: 100, y: -300, width: 900, height: 700 }, [left])).not.toHaveProperty('x');
    expect(fitBounds({ x: 1900, y: 100, width: 900, height: 700 }, [left])).not.toHaveProperty('x');
    expect(fitBounds({ x: 100, y: 1070, width: 900, height: 700 }, [left])).not.toHaveProperty('x');
  });

  it('shrinks to the screen and grows to the minimum', () => {
    expect(fitBounds({ x: 0, y: 30, width: 5000, height: 5000 }, [left])).toMatchObject({ width: 1920, height: 1056 });
    expect(fitBounds({ x: 0, y: 30, width: 200, height: 10 }, [left])).toMatchObject(minimumSize);
  });

  it('always gives a window that can be used, whatever was remembered', () => {
    const int = fc.integer({ min: -5_000, max: 5_000 });
    const size = fc.integer({ min: 1, max: 5_000 });
    fc.assert(
      fc.property(fc.record({ x: int, y: int, width: size, height: size }), (bounds) => {
        const fitted = fitBounds(bounds, [left, right]);
        expect(fitted.width).toBeGreaterThanOrEqual(minimumSize.width);
        expect(fitted.height).toBeGreaterThanOrEqual(minimumSize.height);
        if (fitted.x === undefined || fitted.y === undefined) return;
        const { x, y } = { x: fitted.x, y: fitted.y };
        const onScreen = [left, right].some(
          (area) => y >= area.y && y < area.y + area.height && x + fitted.width > area.x && x < area.x + area.width,
        );
        expect(onScreen).toBe(true);
      }),
    );
  });
});
