/** Bytes on the wire: one WebSocket message is one or more frames, each a MessagePack map, back to back. */
import { Packr, Unpackr } from 'msgpackr';
import { ParleyError } from './errors.ts';
import { clientFrameSchema, relayFrameSchema, type ClientFrame, type RelayFrame } from './frames.ts';

const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: false });
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number', mapsAsObjects: true });

/** Encodes any plain value as MessagePack. The bytes are the caller's own. */
export function encodeOne(value: unknown): Uint8Array {
  return packr.pack(value);
}

/** @throws RangeError or Error when the bytes are not exactly one MessagePack value. */
export function decodeOne(bytes: Uint8Array): unknown {
  return unpackr.unpack(bytes);
}

export function encodeRelayFrame(frame: RelayFrame): Uint8Array {
  return packr.pack(frame);
}

export function encodeClientFrame(frame: ClientFrame): Uint8Array {
  return packr.pack(frame);
}

/** Joins encoded frames into one WebSocket message. */
export function joinFrames(frames: readonly Uint8Array[]): Uint8Array {
  const [only] = frames;
  if (frames.length === 1 && only) return only;
  const joined = new Uint8Array(frames.reduce((sum, frame) => sum + frame.byteLength, 0));
  let at = 0;
  for (const frame of frames) {
    joined.set(frame, at);
    at += frame.byteLength;
  }
  return joined;
}

/** @throws ParleyError `bad_frame` when the bytes are not frames of a device. */
export function decodeClientFrames(bytes: Uint8Array): ClientFrame[] {
  return decodeFrames(bytes, (value) => clientFrameSchema.safeParse(value));
}

/** @throws ParleyError `bad_frame` when the bytes are not frames of a relay. Frames of unknown types are left out. */
export function decodeRelayFrames(bytes: Uint8Array): RelayFrame[] {
  return decodeFrames(bytes, (value) => relayFrameSchema.safeParse(value), isUnknownRelayFrame);
}

type Parsed<F> =
  | { success: true; data: F }
  | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } };

function decodeFrames<F>(
  bytes: Uint8Array,
  parse: (value: unknown) => Parsed<F>,
  skip?: (value: unknown) => boolean,
): F[] {
  const frames: F[] = [];
  for (const value of unpackAll(bytes)) {
    if (skip?.(value)) continue;
    const parsed = parse(value);
    if (!parsed.success) throw new ParleyError('bad_frame', { message: describe(parsed.error.issues) });
    frames.push(parsed.data);
  }
  return frames;
}

function unpackAll(bytes: Uint8Array): unknown[] {
  try {
    const values = unpackr.unpackMultiple(bytes);
    if (values && values.length > 0) return values;
  } catch (cause) {
    throw new ParleyError('bad_frame', { message: 'The frame is not MessagePack.', cause });
  }
  throw new ParleyError('bad_frame', { message: 'The frame is empty.' });
}

const relayFrameTypes = new Set<string>(relayFrameSchema.options.map((option) => option.shape.type.value));

/** A newer relay may send frames that this build does not know; a known one that is malformed is an error. */
function isUnknownRelayFrame(value: unknown): boolean {
  const type = (value as { type?: unknown } | null)?.type;
  return typeof type === 'string' && !relayFrameTypes.has(type);
}

function describe(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  const [issue] = issues;
  if (!issue) return 'The frame is malformed.';
  const where = issue.path.map(String).join('.') || 'frame';
  return `The frame is malformed: ${where}: ${issue.message}`.slice(0, 300);
}
