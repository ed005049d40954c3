/** A number of the model with what it may be at best and at worst. */

/** `low` and `high` enclose what `value` may be in truth; which of the two is the dear one depends on the number. */
export interface Quantity {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** In words; `1` for a bare ratio. */
  readonly unit: string;
}

export type Quantities = Readonly<Record<string, Quantity>>;

/** The same names with plain numbers: what the formulas calculate with. */
export type Values<T extends Quantities> = { readonly [Name in keyof T]: number };

/** Every quantity turned into a number by `pick`. */
export function valuesOf<T extends Quantities>(
  quantities: T,
  pick: (quantity: Quantity, name: string) => number = ({ value }) => value,
): Values<T> {
  const entries = Object.entries(quantities).map(([name, quantity]) => [name, pick(quantity, name)] as const);
  return Object.fromEntries(entries) as Values<T>;
}
