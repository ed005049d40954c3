/** How wrong the model may be: all its numbers drawn anew many times, each from its own range. */
import { assumptions } from './assumptions.ts';
import { constants } from './constants.ts';
import { inputsFor, type Inputs } from './inputs.ts';
import { capacityOf, type Capacity } from './model.ts';
import type { Overrides } from './overrides.ts';
import { valuesOf, type Quantity } from './quantity.ts';
import { createRandom } from './simulation/random.ts';

export interface Spread {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

/** Half of the draws are below `value`; on either side even on a scale of ratios, as errors of a factor are. */
export function draw({ value, low, high }: Quantity, random: () => number): number {
  const edge = random() < 0.5 ? low : high;
  const part = random();
  // A bound of zero has no ratio to it.
  return edge > 0 && value > 0 ? value * (edge / value) ** part : value + (edge - value) * part;
}

/** What the mission sets is not in doubt: only what is measured, guessed about people, or paid. */
const set: ReadonlySet<string> = new Set(['keepYears', 'mediaKeepYears', 'replicas', 'failureDomains']);

/** @param options `fixed`: what is not drawn. @returns for each figure the 10th, 50th and 90th percentile over the draws. */
export function spreadOf<Name extends string>(
  users: number,
  figures: Readonly<Record<Name, (capacity: Capacity) => number>>,
  options: { readonly draws: number; readonly seed: number; readonly fixed?: Overrides },
): Record<Name, Spread> {
  const random = createRandom(options.seed);
  const drawn = Array.from({ length: options.draws }, () => capacityOf(drawInputs(users, random, options.fixed ?? {})));
  const entries = Object.entries<(capacity: Capacity) => number>(figures);
  return Object.fromEntries(entries.map(([name, of]) => [name, spread(drawn.map(of))])) as Record<Name, Spread>;
}

function drawInputs(users: number, random: () => number, fixed: Overrides): Inputs {
  const pick = (quantity: Quantity, name: string): number => (set.has(name) ? quantity.value : draw(quantity, random));
  return inputsFor(users, { ...valuesOf(constants, pick), ...valuesOf(assumptions, pick), ...fixed });
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}
