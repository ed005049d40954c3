/** Where a window may stand: remembered places are taken only where they can still be seen. */
import { z } from 'zod';

const boundsSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});
export type Bounds = z.infer<typeof boundsSchema>;

export const windowStateSchema = z.object({
  bounds: boundsSchema,
  maximized: z.boolean(),
  fullScreen: z.boolean(),
});
export type WindowState = z.infer<typeof windowStateSchema>;

export const minimumSize = { width: 480, height: 480 } as const;
export const defaultSize = { width: 1100, height: 760 } as const;

/** How much of the title bar must be on a screen, so that the window can be dragged. */
const reachable = { width: 120, height: 32 } as const;

/**
 * @param areas the work areas of the screens there are now.
 * @returns the bounds, no smaller than the minimum and no larger than their screen; without a place (the system
 * chooses one) when none was remembered or its screen is gone.
 */
export function fitBounds(
  remembered: Bounds | null,
  areas: readonly Bounds[],
): { width: number; height: number; x?: number; y?: number } {
  const { width, height } = remembered ?? defaultSize;
  const fitted = areas.map((area) => ({ area, size: fitSize(width, height, area) }));
  const place = remembered && fitted.find(({ area, size }) => isReachable({ ...remembered, ...size }, area));
  if (place) return { ...place.size, x: remembered.x, y: remembered.y };
  return fitted[0]?.size ?? defaultSize;
}

/** A screen smaller than the minimum gives way to the minimum. */
function fitSize(width: number, height: number, area: Bounds): { width: number; height: number } {
  return {
    width: Math.max(minimumSize.width, Math.min(width, area.width)),
    height: Math.max(minimumSize.height, Math.min(height, area.height)),
  };
}

function isReachable(window: Bounds, area: Bounds): boolean {
  const width = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  const isTitleBarOn = window.y >= area.y && window.y + reachable.height <= area.y + area.height;
  return width >= reachable.width && isTitleBarOn;
}
