/** Tells a store or another engine that is away from faults of other kinds. */
import { ParleyError } from '../../protocol/index.ts';

/** It says so itself, so that not everybody who needs it has to. */
export function isAway(error: unknown): boolean {
  return error instanceof ParleyError && error.code === 'unavailable';
}
