/** Reads the file of `--config`. */
import { readFileSync } from 'node:fs';
import { ParleyError } from '../../protocol/index.ts';

/** @throws ParleyError `bad_request` when the file cannot be read or is not JSON. */
export function readConfigFile(path: string): { path: string; values: unknown } {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? 'unknown error'})`;
    throw new ParleyError('bad_request', { message: `--config ${path}: ${why}.`, cause });
  }
  try {
    return { path, values: JSON.parse(content) as unknown };
  } catch (cause) {
    throw new ParleyError('bad_request', {
      message: `--config ${path} is not JSON: ${(cause as Error).message}.`,
      cause,
    });
  }
}
