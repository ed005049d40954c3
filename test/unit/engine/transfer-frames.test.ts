/** The frames between two engines: what was said comes back, and nothing else gets through. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { peerFrameBytes } from '../../../bridge/peer-contract.ts';
import {
  decodePeerFrame,
  encodePeerFrame,
  hashesPerFrame,
  runsPerFrame,
  type PeerHead,
} from '../../../main/engine/transfers/peer-frames.ts';
import { blobIdSchema, chunkFormat, encodeOne, ParleyError } from '../../../protocol/index.ts';

const blob = blobIdSchema.parse('ab'.repeat(32));
const heads: readonly PeerHead[] = [
  { type: 'ask', blob, have: 7 },
  {
    type: 'held',
    blob,
    runs: [
      [0, 12],
      [13, 14],
    ],
  },
  { type: 'get-hashes', blob },
  { type: 'hashes', blob, from: 8_192 },
  { type: 'get', blob, index: 262_143 },
  { type: 'chunk', blob, index: 0 },
  { type: 'missing', blob },
  { type: 'missing', blob, index: 3 },
  { type: 'done', blob },
  { type: 'stop', blob },
];

test.each(heads)('a frame of type $type comes back as it was, with its bytes', (head) => {
  const bytes = Uint8Array.from([1, 2, 3]);
  const decoded = decodePeerFrame(encodePeerFrame(head, bytes));
  expect(decoded?.head).toEqual(head);
  expect([...(decoded?.bytes ?? [])]).toEqual([1, 2, 3]);
});

test('the largest frames fit into what a connection carries', () => {
  const most = 262_144;
  const runs: [number, number][] = Array.from({ length: runsPerFrame }, () => [most, most]);
  expect(encodePeerFrame({ type: 'held', blob, runs }).byteLength).toBeLessThan(65_536);
  const hashes = new Uint8Array(hashesPerFrame * chunkFormat.hashBytes);
  expect(encodePeerFrame({ type: 'hashes', blob, from: most }, hashes).byteLength).toBeLessThanOrEqual(peerFrameBytes);
  const chunk = new Uint8Array(chunkFormat.sealedBytes);
  expect(encodePeerFrame({ type: 'chunk', blob, index: most }, chunk).byteLength).toBeLessThanOrEqual(peerFrameBytes);
});

test('a type of a later version is passed over, a known one that is broken is not', () => {
  const frame = (head: unknown) => {
    const encoded = encodeOne(head);
    return Uint8Array.from([1, encoded.byteLength >> 8, encoded.byteLength & 255, ...encoded]);
  };
  expect(decodePeerFrame(frame({ type: 'sing', blob }))).toBeNull();
  for (const head of [{ type: 'get', blob }, { type: 'ask', blob: 'x', have: 0 }, { blob }, 7, null, [1]])
    expect(() => decodePeerFrame(frame(head))).toThrow(ParleyError);
});

test('whatever bytes come in, they are read or refused as a bad frame', () => {
  const wellKnown = fc.constantFrom(...heads).map((head) => encodePeerFrame(head, new Uint8Array(5)));
  const bent = fc.tuple(wellKnown, fc.nat(), fc.nat({ max: 255 })).map(([frame, at, value]) => {
    const copy = Uint8Array.from(frame);
    copy[at % copy.length] = value;
    return copy;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), bent), (bytes) => {
      try {
        decodePeerFrame(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ParleyError);
        expect(error).toMatchObject({ code: 'bad_frame' });
      }
    }),
    { numRuns: 2_000 },
  );
  expect(() => decodePeerFrame(new Uint8Array(peerFrameBytes + 1))).toThrow(ParleyError);
});
