/** Draws Parley's icons into main/resources: run it after changing the mark, and commit what it writes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeIcns, encodeIco, encodePng, type Bitmap } from './icon-files.ts';
import { projectDir } from './project.ts';

type Colour = readonly [red: number, green: number, blue: number];
/** How much of a point is covered, by distance: negative inside, in units of the whole icon. */
type Shape = (x: number, y: number) => number;

interface Layer {
  readonly shape: Shape;
  readonly colour: Colour;
  /** Takes away what lies below instead of painting over it. */
  readonly erase?: boolean;
}

/** The accent of the screens' light theme, a little deeper: oklch(0.47 0.09 197). */
const teal: Colour = [0, 107, 112];
const white: Colour = [255, 255, 255];
const black: Colour = [0, 0, 0];
/** Stands for "unread" on any panel, light or dark. */
const amber: Colour = [245, 158, 11];

const circle =
  (cx: number, cy: number, radius: number): Shape =>
  (x, y) =>
    Math.hypot(x - cx, y - cy) - radius;

const roundedBox =
  (left: number, top: number, right: number, bottom: number, radius: number): Shape =>
  (x, y) => {
    const dx = Math.abs(x - (left + right) / 2) - (right - left) / 2 + radius;
    const dy = Math.abs(y - (top + bottom) / 2) - (bottom - top) / 2 + radius;
    return Math.min(Math.max(dx, dy), 0) + Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) - radius;
  };

/** The side of the line from a to b that lies to its right, going from a to b on a screen. */
const halfPlane =
  (ax: number, ay: number, bx: number, by: number): Shape =>
  (x, y) =>
    ((x - ax) * (by - ay) - (y - ay) * (bx - ax)) / Math.hypot(bx - ax, by - ay);

const union =
  (...shapes: readonly Shape[]): Shape =>
  (x, y) =>
    Math.min(...shapes.map((shape) => shape(x, y)));

const intersection =
  (...shapes: readonly Shape[]): Shape =>
  (x, y) =>
    Math.max(...shapes.map((shape) => shape(x, y)));

/** The mark: a P whose bowl is a round speech form and whose stem ends as its tail does, cut aslant. */
function mark(cx: number, cy: number, radius: number): Shape {
  const thickness = radius * 0.46;
  const left = cx - radius;
  const bottom = cy + radius * 1.62;
  const bowl = intersection(circle(cx, cy, radius), (x, y) => -circle(cx, cy, radius - thickness)(x, y));
  const stem = intersection(
    roundedBox(left, cy, left + thickness, bottom + thickness, 0.001),
    halfPlane(left + thickness, bottom - thickness * 1.1, left, bottom),
  );
  return union(bowl, stem);
}

const appLayers: readonly Layer[] = [
  { shape: roundedBox(0.05, 0.05, 0.95, 0.95, 0.21), colour: teal },
  { shape: mark(0.535, 0.435, 0.255), colour: white },
];
/** Fills a tray's few pixels: no margin, a thicker mark. */
const trayLayers: readonly Layer[] = [
  { shape: roundedBox(0, 0, 1, 1, 0.22), colour: teal },
  { shape: mark(0.54, 0.42, 0.29), colour: white },
];
const macTrayLayers: readonly Layer[] = [{ shape: mark(0.54, 0.4, 0.36), colour: black }];

const dot = (colour: Colour): readonly Layer[] => [
  { shape: circle(0.77, 0.77, 0.27), colour, erase: true },
  { shape: circle(0.77, 0.77, 0.21), colour },
];
const overlayLayers: readonly Layer[] = [{ shape: circle(0.5, 0.5, 0.46), colour: amber }];

/** Paints layers from back to front, with edges smoothed over one pixel. */
function draw(size: number, layers: readonly Layer[]): Bitmap {
  const pixels = new Uint8Array(size * size * 4);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      pixels.set(pixelAt((column + 0.5) / size, (row + 0.5) / size, size, layers), (row * size + column) * 4);
    }
  }
  return { size, pixels };
}

function pixelAt(x: number, y: number, size: number, layers: readonly Layer[]): number[] {
  let alpha = 0;
  let colour: Colour = [0, 0, 0];
  for (const layer of layers) {
    const cover = Math.min(1, Math.max(0, 0.5 - layer.shape(x, y) * size));
    if (layer.erase) {
      alpha *= 1 - cover;
      continue;
    }
    const next = cover + alpha * (1 - cover);
    if (next > 0) colour = mix(colour, layer.colour, cover / next);
    alpha = next;
  }
  return [...colour.map(Math.round), Math.round(alpha * 255)];
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const at = (index: 0 | 1 | 2): number => from[index] + (to[index] - from[index]) * share;
  return [at(0), at(1), at(2)];
}

function main(): void {
  const resources = join(projectDir, 'main/resources');
  for (const folder of ['icons', 'tray']) mkdirSync(join(resources, folder), { recursive: true });
  const app = (size: number): Bitmap => draw(size, appLayers);
  const save = (name: string, content: Uint8Array): void => writeFileSync(join(resources, name), content);
  for (const size of [16, 24, 32, 48, 64, 128, 256, 512, 1024]) save(`icons/${size}x${size}.png`, encodePng(app(size)));
  save('icon.ico', encodeIco([16, 24, 32, 48, 64, 256].map(app)));
  save('icon.icns', encodeIcns([16, 32, 64, 128, 256, 512, 1024].map(app)));
  for (const [scale, suffix] of [
    [1, ''],
    [2, '@2x'],
  ] as const) {
    save(`tray/tray${suffix}.png`, encodePng(draw(22 * scale, trayLayers)));
    save(`tray/tray-unread${suffix}.png`, encodePng(draw(22 * scale, [...trayLayers, ...dot(amber)])));
    save(`tray/tray-mac${suffix}.png`, encodePng(draw(18 * scale, macTrayLayers)));
    save(`tray/tray-unread-mac${suffix}.png`, encodePng(draw(18 * scale, [...macTrayLayers, ...dot(black)])));
    save(`tray/overlay-unread${suffix}.png`, encodePng(draw(16 * scale, overlayLayers)));
  }
}

main();
