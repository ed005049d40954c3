/** What a check of `doctor` or `verify` found, and how it is told. */
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

/** One line, and a second one where there is something to do. */
export function describeFinding({ state, check, found, advice }: Finding): string {
  const line = `${state.padEnd(4)}  ${check.padEnd(14)}  ${found}`;
  return advice === undefined ? line : `${line}\n${' '.repeat(22)}→ ${advice}`;
}
