/** Lists as parameters of prepared statements, written without the driver's escaping of each element. */

/** Ids: they need no quotes. */
export function idList(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}

export function numberList(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}

export function textList(texts: readonly string[]): string {
  return `{${texts.map(quote).join(',')}}`;
}

function quote(text: string): string {
  return /^[a-z]+$/u.test(text) ? text : `"${text.replaceAll(/["\\]/gu, '\\$&')}"`;
}

/** The type's number in PostgreSQL's catalog (`pg_type`). */
const byteaType = 17;
const headerBytes = 20;

/**
 * A list of bytes in the binary form of arrays, which saves writing and reading them as hexadecimal text: dimensions,
 * whether there are nulls, the type; length and lower bound of the dimension; then each with its length before it.
 * @see array_recv in PostgreSQL's arrayfuncs.c
 */
export function bytesList(list: readonly Uint8Array[]): Buffer {
  const total = list.reduce((sum, bytes) => sum + 4 + bytes.byteLength, headerBytes);
  const buffer = Buffer.allocUnsafe(total);
  [1, 0, byteaType, list.length, 1].forEach((word, index) => buffer.writeInt32BE(word, index * 4));
  let at = headerBytes;
  for (const bytes of list) {
    buffer.writeInt32BE(bytes.byteLength, at);
    buffer.set(bytes, at + 4);
    at += 4 + bytes.byteLength;
  }
  return buffer;
}

/** Numbers of a list as the database writes it as text. */
export function parseNumberList(text: string): number[] {
  return text.slice(1, -1).split(',').map(Number);
}
