/**
 * What two engines say to each other over a connection between their devices: one byte of version, two bytes (big-endian)
 * for the length of a MessagePack head, the head, and where the type has them, bytes.
 */
import { z } from 'zod';
import { peerFrameBytes } from '../../../bridge/peer-contract.ts';
import { blobIdSchema, chunkFormat, decodeOne, encodeOne, limits, ParleyError } from '../../../protocol/index.ts';

export const peerFrameVersion = 1;
/** Hashes in one `hashes` frame, and runs in one `held` frame, at most. */
export const hashesPerFrame = 8_192;
export const runsPerFrame = 2_048;

const mostChunks = Math.ceil(limits.fileBytes / chunkFormat.plainBytes);
const blob = blobIdSchema;
const index = z.number().int().nonnegative().max(mostChunks);

export const peerHeadSchema = z.discriminatedUnion('type', [
  /** Is this blob to be had here? Answered by `held` or `missing`. `have`: chunks that the asker has already. */
  z.object({ type: z.literal('ask'), blob, have: index }),
  /** Chunks that are here, as runs `[from, to)` in order; the first ones if there are too many. */
  z.object({ type: z.literal('held'), blob, runs: z.array(z.tuple([index, index])).max(runsPerFrame) }),
  /** Answered by as many `hashes` as it takes. */
  z.object({ type: z.literal('get-hashes'), blob }),
  /** Bytes: hashes of the chunks from `from` on, 32 bytes each. */
  z.object({ type: z.literal('hashes'), blob, from: index }),
  /** Answered by `chunk` or `missing`. */
  z.object({ type: z.literal('get'), blob, index }),
  /** Bytes: the sealed chunk. */
  z.object({ type: z.literal('chunk'), blob, index }),
  /** That chunk is not here; without index: nothing of the blob is to be had here. */
  z.object({ type: z.literal('missing'), blob, index: index.optional() }),
  /** The asker has the whole file now. */
  z.object({ type: z.literal('done'), blob }),
  /** The asker wants nothing more of this blob; what it asked for is void. */
  z.object({ type: z.literal('stop'), blob }),
]);
export type PeerHead = z.infer<typeof peerHeadSchema>;
export type PeerHeadOf<T extends PeerHead['type']> = Extract<PeerHead, { type: T }>;

export interface PeerFrame {
  readonly head: PeerHead;
  readonly bytes: Uint8Array;
}

const prefixBytes = 3;
const nothing = new Uint8Array(0);

export function encodePeerFrame(head: PeerHead, bytes: Uint8Array = nothing): Uint8Array {
  const { frame, place } = layOutPeerFrame(head, bytes.byteLength, null);
  place.set(bytes);
  return frame;
}

/** A frame whose bytes have yet to be put into their place. */
export interface LaidOutFrame {
  readonly frame: Uint8Array;
  /** Within the frame. */
  readonly place: Buffer;
}

/** @param memory of a frame that is over; used again if it has the right size. */
export function layOutPeerFrame(head: PeerHead, bytes: number, memory: Uint8Array | null): LaidOutFrame {
  const encoded = encodeOne(head);
  const start = prefixBytes + encoded.byteLength;
  // Exact, because whoever posts a view posts all of the memory that it lies in.
  const frame = memory?.byteLength === start + bytes ? memory : new Uint8Array(start + bytes);
  frame[0] = peerFrameVersion;
  new DataView(frame.buffer).setUint16(1, encoded.byteLength);
  frame.set(encoded, prefixBytes);
  return { frame, place: Buffer.from(frame.buffer, start, bytes) };
}

const anyHead = z.object({ type: z.string().max(64) });
const knownTypes = new Set<string>(peerHeadSchema.options.map((option) => option.shape.type.value));

/** @returns null for a type that this build does not know. @throws ParleyError `bad_frame`. */
export function decodePeerFrame(frame: Uint8Array): PeerFrame | null {
  if (frame.byteLength < prefixBytes || frame.byteLength > peerFrameBytes) throw badFrame('its size');
  if (frame[0] !== peerFrameVersion) throw badFrame('its version');
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const headEnd = prefixBytes + view.getUint16(1);
  if (headEnd > frame.byteLength) throw badFrame('its head');
  const value = decodeHead(frame.subarray(prefixBytes, headEnd));
  const head = peerHeadSchema.safeParse(value);
  if (head.success) return { head: head.data, bytes: frame.subarray(headEnd) };
  const other = anyHead.safeParse(value);
  if (other.success && !knownTypes.has(other.data.type)) return null;
  throw badFrame('its head');
}

function decodeHead(bytes: Uint8Array): unknown {
  try {
    return decodeOne(bytes);
  } catch {
    throw badFrame('its head');
  }
}

export function badFrame(what: string): ParleyError {
  return new ParleyError('bad_frame', { message: `The other device sent what Parley cannot read (${what}).` });
}
