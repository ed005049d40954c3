/** Words for whatever a command threw. */
import { ParleyError } from '../../bridge/text-rules.ts';

const unexpected = 'Something went wrong inside Parley. Try again; if it stays, restart the app.';

export interface Fault {
  readonly code: string;
  readonly message: string;
  /** The input field that it belongs to. */
  readonly field: string | null;
}

export function faultOf(error: unknown): Fault {
  if (!(error instanceof ParleyError)) return { code: 'internal', message: unexpected, field: null };
  return { code: error.code, message: error.message, field: error.field ?? null };
}
