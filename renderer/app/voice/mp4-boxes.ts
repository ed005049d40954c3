/** Reads the boxes of an MP4 file as MediaRecorder writes it (ISO/IEC 14496-12): heads, fragments, their times. */

/** Where a box and its content lie. */
export interface Box {
  readonly type: string;
  readonly start: number;
  /** Of the content. */
  readonly from: number;
  readonly to: number;
}

/** @returns an empty list where the sizes do not add up. */
export function boxesIn(file: DataView, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at < to;) {
    const size = at + 8 <= to ? file.getUint32(at) : 0;
    if (size < 8 || at + size > to) return [];
    boxes.push({ type: ascii(file, at + 4), start: at, from: at + 8, to: at + size });
    at += size;
  }
  return boxes;
}

function child(file: DataView, box: Box, ...path: string[]): Box | null {
  let found: Box | null = box;
  for (const wanted of path) {
    found = found && (boxesIn(file, found.from, found.to).find(({ type }) => type === wanted) ?? null);
  }
  return found;
}

/** Units a second of the first track; 0 where it does not say. */
export function timescaleOf(file: DataView, moov: Box): number {
  const header = child(file, moov, 'trak', 'mdia', 'mdhd');
  if (!header) return 0;
  return file.getUint32(header.from + (isLong(file, header) ? 20 : 12));
}

/** In units of the track. */
export interface FragmentTimes {
  readonly begins: number;
  readonly lasts: number;
  /** Where the beginning is written, and whether in 8 bytes or 4. */
  readonly writtenAt: number;
  readonly long: boolean;
}

/** @returns null for a fragment of another form, such as one whose positions count from the start of the file. */
export function timesOf(file: DataView, moof: Box): FragmentTimes | null {
  const head = child(file, moof, 'traf', 'tfhd');
  const time = child(file, moof, 'traf', 'tfdt');
  const run = child(file, moof, 'traf', 'trun');
  if (!head || !time || !run || flagsOf(file, head) & baseDataOffset) return null;
  const long = isLong(file, time);
  const writtenAt = time.from + 4;
  const begins = long ? Number(file.getBigUint64(writtenAt)) : file.getUint32(writtenAt);
  const lasts = lengthOf(file, run);
  return lasts === null ? null : { begins, lasts, writtenAt, long };
}

const baseDataOffset = 0x000001;
const [dataOffset, firstFlags, eachDuration, eachSize, eachFlags, eachOffset] = [0x1, 0x4, 0x100, 0x200, 0x400, 0x800];

/**
 * The sum of the durations of the samples; null where they are not written one by one. MediaRecorder does not know how
 * long the last one of a fragment is and writes something short: it is taken to be as long as the longest.
 */
function lengthOf(file: DataView, run: Box): number | null {
  const flags = flagsOf(file, run);
  if (!(flags & eachDuration)) return null;
  const count = file.getUint32(run.from + 4);
  const row = 4 * [eachDuration, eachSize, eachFlags, eachOffset].filter((flag) => flags & flag).length;
  const rows = run.from + 8 + 4 * [dataOffset, firstFlags].filter((flag) => flags & flag).length;
  if (count === 0 || rows + count * row > run.to) return null;
  const durations = Array.from({ length: count }, (_, at) => file.getUint32(rows + at * row));
  const longest = durations.reduce((most, duration) => Math.max(most, duration), 0);
  return durations.slice(0, -1).reduce((sum, duration) => sum + duration, longest);
}

function flagsOf(file: DataView, box: Box): number {
  return file.getUint32(box.from) & 0xffffff;
}

function isLong(file: DataView, box: Box): boolean {
  return file.getUint8(box.from) === 1;
}

function ascii(file: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((letter) => file.getUint8(at + letter)));
}
