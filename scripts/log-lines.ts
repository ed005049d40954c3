/** Shows the log lines of the relay and the app to a person, as they are written. */
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const pollMs = 200;
const levels: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const hidden = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'v', 'name']);

/** `info socket.opened user=u1`; a line that is not JSON is shown as it is. */
export function formatLogLine(line: string): string {
  const record = parseRecord(line);
  if (record === undefined) return line;
  const level =
    typeof record['level'] === 'number' ? (levels[record['level']] ?? String(record['level'])) : text(record['level']);
  const details = Object.entries(record)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${key}=${text(value)}`);
  return [level, text(record['msg']), ...details].filter((part) => part !== '').join(' ');
}

/** Chromium's complaints about a desktop bus or graphics card, which servers and virtual displays don't have. */
export function isChromiumNoise(line: string): boolean {
  return /^\[\d+:[\d/.]+:ERROR:(?:[\w/]*\/)?(?:bus|object_proxy|viz_main_impl|connection|shared_image_interface_proxy|one_copy_raster_buffer_provider)\.cc/.test(
    line,
  );
}

/** Calls `onLine` for each line written after now; returns the function that reads the rest and stops. */
export function followFile(path: string, onLine: (line: string) => void): () => void {
  const file = openSync(path, 'r');
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.alloc(64 * 1024);
  let pending = '';
  const read = (): void => {
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk))
      pending += decoder.write(chunk.subarray(0, size));
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    lines.filter((line) => line !== '').forEach(onLine);
  };
  const timer = setInterval(read, pollMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    read();
    closeSync(file);
  };
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
