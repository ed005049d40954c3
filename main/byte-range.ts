/** Reads HTTP's `Range` header (RFC 9110, section 14) as far as players use it: one range of bytes. */

export interface ByteRange {
  readonly from: number;
  /** At least 1. */
  readonly length: number;
}

/**
 * @returns null for no range, or one that may be ignored (another unit, several ranges, not a range at all), which asks
 * for the whole; `unsatisfiable` for one that begins past the end.
 */
export function parseByteRange(header: string | null, size: number): ByteRange | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? '') ?? [];
  if (first === '' && last === '') return null;
  if (first === '') return suffix(Number(last), size);
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < from) return null;
  return from >= size ? 'unsatisfiable' : { from, length: to - from + 1 };
}

/** The last bytes of the whole. */
function suffix(wanted: number, size: number): ByteRange | 'unsatisfiable' {
  const length = Math.min(wanted, size);
  return length === 0 ? 'unsatisfiable' : { from: size - length, length };
}
