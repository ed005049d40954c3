/** Reads a file of JSON lines, some lines at a time, with bounded memory whatever the file holds. */
import { createReadStream } from 'node:fs';

/** A payload of the greatest size, once as it is and once readable. */
const mostLineBytes = 4 * 1024 * 1024;

/** @returns the lines parsed, null for one that is no JSON or too long; empty ones are passed over. */
export async function* readJsonLines(path: string): AsyncGenerator<unknown> {
  let pending: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = bytes > mostLineBytes ? null : Buffer.concat([...pending, chunk.subarray(from, end)]);
      if (line === null || line.byteLength > 0) yield parseLine(line);
      pending = [];
      bytes = 0;
      from = end + 1;
    }
    bytes += chunk.byteLength - from;
    if (bytes <= mostLineBytes) pending.push(chunk.subarray(from));
    else pending = [];
  }
  if (bytes > 0) yield parseLine(bytes > mostLineBytes ? null : Buffer.concat(pending));
}

function parseLine(line: Buffer | null): unknown {
  try {
    return line && JSON.parse(line.toString());
  } catch {
    return null;
  }
}
