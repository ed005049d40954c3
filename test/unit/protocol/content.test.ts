/** Content inside payloads: what is known is read, what is not is kept as unsupported, nothing throws. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeContent,
  decodeSignalContent,
  encodeContent,
  encodeOne,
  errorCodeOfClose,
  errorTable,
  limits,
} from '../../../protocol/index.ts';

describe('content', () => {
  it('comes back as it was written, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2_000 }), (text) => {
        expect(decodeContent(encodeContent({ kind: 'text', text }))).toEqual({ kind: 'text', text });
      }),
    );
  });

  it('fits into a payload at its longest, in the widest script', () => {
    const text = '字'.repeat(limits.textCharacters);
    expect(encodeContent({ kind: 'text', text }).byteLength).toBeLessThan(limits.payloadBytes);
  });

  it('of an unknown or broken kind is unsupported and names the kind if it can', () => {
    expect(decodeContent(encodeOne({ kind: 'hologram', x: 1 }))).toEqual({
      kind: 'unsupported',
      declaredKind: 'hologram',
    });
    expect(decodeContent(encodeOne({ kind: 'text', text: 7 }))).toEqual({ kind: 'unsupported', declaredKind: 'text' });
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeContent(bytes)));
  });

  it('of unknown signals is left out', () => {
    expect(decodeSignalContent(encodeOne({ kind: 'wave' }))).toBeNull();
    expect(decodeSignalContent(encodeOne({ kind: 'typing', typing: true }))).toEqual({ kind: 'typing', typing: true });
  });
});

describe('the table of errors', () => {
  it('gives each close code to one error only', () => {
    const closes = Object.values(errorTable).flatMap(({ close }) => (close === null ? [] : [close]));
    expect(new Set(closes).size).toBe(closes.length);
    expect(errorCodeOfClose(4401)).toBe('unauthenticated');
    expect(errorCodeOfClose(1006)).toBeNull();
  });
});
