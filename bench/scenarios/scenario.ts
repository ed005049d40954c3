/** What a scenario is: what it measures, and rows of figures. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Figure {
  readonly what: string;
  readonly parley: string;
  /** The baseline of the same run, where there is one. */
  readonly baseline: string | null;
  /** The bound that the issue sets, in words. */
  readonly bound: string;
  readonly met: boolean;
}

export interface Scenario {
  readonly describe: string;
  run(): Promise<Figure[]>;
}

export async function withTempDir<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export const ms = (value: number): string => `${value.toFixed(2)} ms`;
export const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')} /s`;
export const ratio = (value: number): string => `${value.toFixed(2)} ×`;
export const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MiB`;

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
