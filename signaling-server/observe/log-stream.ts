/** Where log lines go: as JSON to standard output, or as lines that people read. */
import { destination, type DestinationStream } from 'pino';

const hidden = new Set(['level', 'time', 'msg']);

/** Writes at once: a line that was logged survives the crash after it. */
export function createLogStream(format: 'json' | 'pretty'): DestinationStream {
  const out = destination({ dest: 1, sync: true });
  if (format === 'json') return out;
  return { write: (line) => void out.write(`${formatForPeople(line)}\n`) };
}

function formatForPeople(line: string): string {
  const record = JSON.parse(line) as Record<string, unknown>;
  const time = String(record['time']).slice(11, 19);
  const fields = Object.entries(record)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [time, String(record['level']).padEnd(5), record['msg'], ...fields].join(' ');
}
