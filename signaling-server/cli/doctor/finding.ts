/** What a check of the doctor found. */
export interface Finding {
  readonly state: 'ok' | 'warn' | 'fail';
  readonly check: string;
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

export function ok(check: string, found: string): Finding {
  return { state: 'ok', check, found };
}

export function warn(check: string, found: string, advice: string): Finding {
  return { state: 'warn', check, found, advice };
}

export function fail(check: string, found: string, advice: string): Finding {
  return { state: 'fail', check, found, advice };
}
