/** Reads the header `Range` of RFC 9110, section 14: one range of bytes, or none. */
import { ParleyError } from '../../protocol/index.ts';
import type { ByteRange } from '../ports/blobs.ts';

/** @returns null without the header. @throws ParleyError `range_invalid` when it is not one range within the size. */
export function parseRange(header: string | undefined, size: number): ByteRange | null {
  if (header === undefined) return null;
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header.trim()) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) throw invalid(size);
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (from > to) throw invalid(size);
  return { from, to };
}

function invalid(size: number): ParleyError {
  const message = `Ask for one range of bytes between 0 and ${size - 1}, such as bytes=0-${Math.min(size - 1, 262_159)}.`;
  return new ParleyError('range_invalid', { message });
}
