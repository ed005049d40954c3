/** Reads other values for constants and assumptions from a JSON file: `{ "relayAcceptMicros": 55, … }`. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { assumptions, type Assumptions } from './assumptions.ts';
import { constants, type Constants } from './constants.ts';

export type Overrides = Partial<Constants> & Partial<Assumptions>;

const known: readonly string[] = [...Object.keys(constants), ...Object.keys(assumptions)];
const fileSchema = z.record(z.string(), z.number().nonnegative());

/** @throws Error that names what is not known. */
export function parseOverrides(text: string): Overrides {
  const values = fileSchema.parse(JSON.parse(text));
  const unknown = Object.keys(values).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`The model knows no ${unknown.join(', ')}. It knows: ${known.join(', ')}.`);
  }
  return values;
}

export function readOverrides(file: string): Overrides {
  return parseOverrides(readFileSync(file, 'utf8'));
}
