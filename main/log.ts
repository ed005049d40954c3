/** The shell's log: JSON lines in the profile's folder, bounded in size, never with what people write. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

interface LogOptions {
  readonly file: string;
  readonly maxBytes?: number;
  readonly now?: () => number;
  /** Gets each line too; the terminal during development. */
  readonly mirror?: ((line: string) => void) | null;
}

export function createLog({ now = Date.now, mirror, ...options }: LogOptions): Log {
  const append = createBoundedFile(options);
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (event: string, fields: LogFields = {}): void => {
      const line = JSON.stringify({ time: new Date(now()).toISOString(), level, event, ...fields });
      append(line);
      mirror?.(line);
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

/**
 * @returns appends a line; when the file would pass `maxBytes` it becomes `<file>.old` and a new one begins, so both
 * together stay under twice that. A log that can't be written (disk full) is silent: it must never stop the app.
 */
export function createBoundedFile({ file, maxBytes = 1_000_000 }: { file: string; maxBytes?: number }) {
  let size = sizeOf(file);
  return (line: string): void => {
    const bytes = Buffer.byteLength(line) + 1;
    try {
      if (size > 0 && size + bytes > maxBytes) {
        renameSync(file, `${file}.old`);
        size = 0;
      }
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
      size += bytes;
    } catch {
      size = sizeOf(file);
    }
  };
}

function sizeOf(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return statSync(file).size;
  } catch {
    return 0;
  }
}

/** Prints lines for whoever started the app; a terminal that has gone is no reason to stop. */
export function createTerminalMirror(): (line: string) => void {
  process.stderr.on('error', () => {});
  return (line) => void process.stderr.write(`${line}\n`);
}

/** What nobody caught is logged instead of ending the app with a dialog of Electron's. */
export function logUncaught(log: Log): void {
  process.on('uncaughtException', (error) => log.error('app.uncaught', { error: describeError(error) }));
  process.on('unhandledRejection', (error) => log.error('app.unhandled', { error: describeError(error) }));
}

/** Name and message of anything thrown, for a log's fields. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
