/**
 * Makes one recording of several takes, with an index, so that players know its length and jump without reading it all.
 *
 * MediaRecorder writes fragmented MP4: `ftyp`, `moov`, then pairs of `moof` and `mdat`, with no length anywhere and no
 * index. It gives out its last fragment only at its end, so each pause ends a take. The fragments of all takes go behind
 * the head of the first, their times moved on; a segment index (`sidx`, ISO/IEC 14496-12, 8.16.3) in front tells the rest.
 */
import { boxesIn, timescaleOf, timesOf } from './mp4-boxes.ts';

export interface JoinedTakes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly durationMs: number;
}

interface Fragment {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lasts: number;
}

interface Take {
  readonly head: Uint8Array;
  readonly unitsPerSecond: number;
  readonly fragments: readonly Fragment[];
}

/** @returns null when the first is no recording of one track in the form described above: play it as it is. */
export function joinTakes(takes: readonly Uint8Array[]): JoinedTakes | null {
  const [first, ...others] = takes.map(readTake);
  if (!first) return null;
  const rest = others.flatMap((take) => (take?.unitsPerSecond === first.unitsPerSecond ? take.fragments : []));
  const fragments = [...first.fragments, ...rest];
  if (fragments.length === 0 || fragments.length > mostFragments) return null;
  let units = 0;
  for (const { bytes, lasts } of fragments) {
    moveTo(bytes, units);
    units += lasts;
  }
  const index = segmentIndex(fragments, first.unitsPerSecond);
  const bytes = concatenated([first.head, index, ...fragments.map((fragment) => fragment.bytes)]);
  return { bytes, durationMs: Math.round((units / first.unitsPerSecond) * 1_000) };
}

/** @returns null for anything of another form; a take that ended at once has no fragments. */
function readTake(bytes: Uint8Array): Take | null {
  const file = viewOf(bytes);
  const boxes = boxesIn(file, 0, file.byteLength);
  const moov = boxes.find(({ type }) => type === 'moov');
  const at = boxes.findIndex(({ type }) => type === 'moof');
  const unitsPerSecond = moov ? timescaleOf(file, moov) : 0;
  if (!moov || unitsPerSecond === 0 || boxes.some(({ type }) => type === 'sidx')) return null;
  if (at < 0) return { head: bytes.slice(0, moov.to), unitsPerSecond, fragments: [] };
  const fragments: Fragment[] = [];
  for (let pair = at; pair < boxes.length; pair += 2) {
    const [moof, mdat] = [boxes[pair], boxes[pair + 1]];
    const times = moof?.type === 'moof' && mdat?.type === 'mdat' ? timesOf(file, moof) : null;
    if (!moof || !mdat || !times) return null;
    fragments.push({ bytes: bytes.slice(moof.start, mdat.to), lasts: times.lasts });
  }
  return { head: bytes.slice(0, boxes[at]?.start), unitsPerSecond, fragments };
}

/** Lets a fragment begin at another time. */
function moveTo(bytes: Uint8Array<ArrayBuffer>, units: number): void {
  const file = viewOf(bytes);
  const [moof] = boxesIn(file, 0, file.byteLength);
  const times = moof ? timesOf(file, moof) : null;
  if (times?.long) file.setBigUint64(times.writtenAt, BigInt(units));
  else if (times) file.setUint32(times.writtenAt, units);
}

/** The count is written in 16 bits. */
const mostFragments = 0xffff;
const startsWithSyncSample = 0x90000000;
const indexHeadBytes = 32;
const indexRowBytes = 12;

function segmentIndex(fragments: readonly Fragment[], unitsPerSecond: number): Uint8Array {
  const index = new DataView(new ArrayBuffer(indexHeadBytes + fragments.length * indexRowBytes));
  index.setUint32(0, index.byteLength);
  [...'sidx'].forEach((letter, at) => index.setUint8(4 + at, letter.charCodeAt(0)));
  // Version and flags, the first time and the first offset stay 0; the track is the first.
  index.setUint32(12, 1);
  index.setUint32(16, unitsPerSecond);
  index.setUint16(30, fragments.length);
  for (const [at, { bytes, lasts }] of fragments.entries()) {
    const row = indexHeadBytes + at * indexRowBytes;
    index.setUint32(row, bytes.length);
    index.setUint32(row + 4, lasts);
    index.setUint32(row + 8, startsWithSyncSample);
  }
  return new Uint8Array(index.buffer);
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
