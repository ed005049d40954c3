/** What work on all data is given: how to tell of its progress, when to stop, and where it may leave things meanwhile. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataJob } from '../../../bridge/views.ts';

export type JobResult = NonNullable<DataJob['result']>;

export interface Work {
  readonly signal: AbortSignal;
  /** In messages or bytes, whatever is counted just now. */
  progress(done: number, total: number): void;
  /**
   * Notes a path that is gone again when the work is over, however that comes about. What is finished is renamed.
   * @returns the path under which to write it.
   */
  temporary(path: string): Promise<string>;
}

/** Lets the engine do what else it has to. @throws the signal's reason when the work is to stop. */
export async function breathe({ signal }: Work): Promise<void> {
  await nextTurn();
  signal.throwIfAborted();
}
