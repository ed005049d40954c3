/** Letters and shapes stand out from what is behind them, in both themes, by the rule of WCAG 2.2 (1.4.3 and 1.4.11). */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const css = readFileSync(resolve(import.meta.dirname, '../../../renderer/app/theme/tokens.css'), 'utf8');
type Colour = readonly [red: number, green: number, blue: number];

function tokensOf(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(selector)).split('}')[0] ?? '';
  return new Map(
    [...block.matchAll(/--([\w-]+): (oklch\([^)]+\));/g)].map(([, name = '', value = '']) => [name, value]),
  );
}
const light = tokensOf(':root {');
const themes = { light, dark: new Map([...light, ...tokensOf(":root[data-theme='dark']")]) };

/** Linear sRGB of an opaque colour; Björn Ottosson's matrices, as in CSS Color 4. */
function linear(value: string): Colour {
  const [l = 0, c = 0, h = 0] = [...value.matchAll(/[\d.]+/g)].map(Number);
  const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];
  const cone = (x: number, y: number): number => (l + x * a + y * b) ** 3;
  const [long, medium, short] = [
    cone(0.3963377774, 0.2158037573),
    cone(-0.1055613458, -0.0638541728),
    cone(-0.0894841775, -1.291485548),
  ];
  const within = (x: number): number => Math.min(1, Math.max(0, x));
  return [
    within(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    within(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    within(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

function luminance([red, green, blue]: Colour): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [a, b] = [luminance(linear(one)), luminance(linear(other))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const surfaces = ['canvas', 'panel', 'raised', 'field', 'hover', 'selected'];
const letters: readonly (readonly [string, readonly string[]])[] = [
  ['text', [...surfaces, 'pressed', 'bubble', 'accent-wash']],
  ['text-soft', [...surfaces, 'pressed', 'bubble']],
  ['text-faint', ['canvas', 'panel', 'raised', 'field', 'bubble', 'selected']],
  ['accent-text', [...surfaces, 'pressed', 'bubble', 'accent-wash']],
  ['danger', ['canvas', 'panel', 'raised', 'danger-wash']],
  ['warning', ['warning-wash', 'panel']],
  ['on-accent', ['accent', 'accent-hover']],
  ['on-danger', ['danger', 'danger-hover']],
  ['on-bubble-own', ['bubble-own']],
  ['on-bubble-own-soft', ['bubble-own']],
  ['panel', ['muted-pill']],
  ['on-avatar', Array.from({ length: 12 }, (_, at) => `avatar-${at}`)],
];
const shapes: readonly (readonly [string, readonly string[]])[] = [
  ['accent', surfaces],
  ['edge', ['canvas', 'panel', 'raised']],
  ['online', ['panel', 'canvas', 'hover', 'selected']],
  ['read', ['bubble-own']],
];

describe.each(Object.entries(themes))('in the %s theme', (_theme, tokens) => {
  const pairs = (all: typeof letters) => all.flatMap(([front, backs]) => backs.map((back) => [front, back] as const));
  const between = (front: string, back: string): number => contrast(tokens.get(front) ?? '', tokens.get(back) ?? '');

  it.each(pairs(letters))('letters in %s can be read on %s', (front, back) => {
    expect(between(front, back)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(pairs(shapes))('a shape in %s is seen on %s', (front, back) => {
    expect(between(front, back)).toBeGreaterThanOrEqual(3);
  });
});

it('knows the contrast of black and white', () => {
  expect(contrast('oklch(0 0 0)', 'oklch(1 0 0)')).toBeCloseTo(21, 3);
});
