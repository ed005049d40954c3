/** Writes the log as JSON lines to a file that only this user can read, and turns it over by size. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from './clock.ts';
import type { Log, LogFields, LogLevel } from './log.ts';

const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

interface LogFileOptions {
  readonly file: string;
  readonly level: LogLevel;
  readonly clock: Clock;
  /** The file is renamed to `.1` when it grew past this; the one before is dropped. */
  readonly maxBytes?: number;
}

/** Logging never fails the work it reports on: what cannot be written is dropped. */
export function createLogFile({ file, level, clock, maxBytes = 2 * 1024 * 1024 }: LogFileOptions): Log {
  let size = prepare(file);

  function write(entryLevel: LogLevel, event: string, fields?: LogFields, error?: unknown): void {
    if (ranks[entryLevel] < ranks[level]) return;
    const time = new Date(clock.now()).toISOString();
    const line = JSON.stringify({ time, level: entryLevel, event, ...fields, ...describeError(error) }) + '\n';
    try {
      if (size > maxBytes) size = turnOver(file);
      appendFileSync(file, line, { mode: 0o600 });
      size += Buffer.byteLength(line);
    } catch {
      // A full disk must not turn a warning into a crash.
    }
  }

  return {
    debug: (event, fields) => write('debug', event, fields),
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields, error) => write('warn', event, fields, error),
    error: (event, fields, error) => write('error', event, fields, error),
  };
}

function prepare(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return statSync(file).size;
  } catch {
    return 0;
  }
}

function turnOver(file: string): number {
  renameSync(file, `${file}.1`);
  return 0;
}

/** Our own errors carry words that may name what a person typed, so only codes and stacks' places are kept. */
function describeError(error: unknown): Record<string, string> {
  if (error === undefined) return {};
  if (!(error instanceof Error)) return { error: typeof error };
  const code = (error as { code?: unknown }).code;
  const places = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { error: error.name, ...(typeof code === 'string' ? { code } : {}), stack: places.slice(0, 8).join('\n') };
}
