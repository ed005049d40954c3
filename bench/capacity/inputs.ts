/** What every formula is given. */
import { assumptions, conversationClasses, type Assumptions, type ConversationClass } from './assumptions.ts';
import { constants, type Constants } from './constants.ts';
import { valuesOf } from './quantity.ts';

export interface Inputs {
  readonly users: number;
  /** Measured costs of the parts. */
  readonly cost: Constants;
  /** Assumptions about people, machines and prices. */
  readonly given: Assumptions;
  readonly classes: readonly ConversationClass[];
}

export const sizes = [1e6, 1e7, 1e8, 5e8] as const;

/** The central estimate for so many users. */
export function inputsFor(users: number, changed: Partial<Constants> & Partial<Assumptions> = {}): Inputs {
  const all = { ...valuesOf(constants), ...valuesOf(assumptions), ...changed };
  return { users, cost: all, given: all, classes: conversationClasses };
}
