/** What the processes of a running app hold: proportional set sizes (Linux). */
import { readFileSync } from 'node:fs';
import type { ChatApp } from '../../test/support/chat-app.ts';

export interface AppMemory {
  readonly main: number;
  readonly engine: number;
  /** All pages: the app's and, while it is open, the peer page. */
  readonly pages: number;
  /** Those three and Chromium's own helpers: graphics, network. */
  readonly all: number;
}

/** @returns bytes. */
export async function appMemory(app: ChatApp): Promise<AppMemory> {
  const metrics = await app.parley.app.evaluate(({ app: electron }) =>
    electron.getAppMetrics().map(({ pid, type, serviceName }) => ({ pid, type, serviceName: serviceName ?? '' })),
  );
  const sized = metrics.map((process) => ({ ...process, bytes: proportionalBytes(process.pid) }));
  const sum = (chosen: (process: (typeof sized)[number]) => boolean): number =>
    sized.filter(chosen).reduce((total, { bytes }) => total + bytes, 0);
  return {
    main: sum(({ type }) => type === 'Browser'),
    engine: sum(({ type, serviceName }) => type === 'Utility' && !/network|audio/i.test(serviceName)),
    pages: sum(({ type }) => type === 'Tab'),
    all: sum(() => true),
  };
}

/** 0 for a process that ended meanwhile. */
function proportionalBytes(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) * 1_024;
  } catch {
    return 0;
  }
}
