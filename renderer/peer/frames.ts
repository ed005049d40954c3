/**
 * Cuts frames into messages of a data channel and puts them together again. WebRTC's implementations agree on messages
 * of 64 KiB; each begins with one byte that says whether the frame goes on.
 */

export const messageBytes = 64 * 1024;

const goesOn = 0;
const ends = 1;
const partBytes = messageBytes - 1;

/** @returns the messages of one frame, in order; at least one. */
export function* cutFrame(frame: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; ; at += partBytes) {
    const part = frame.subarray(at, at + partBytes);
    const last = at + partBytes >= frame.byteLength;
    const message = new Uint8Array(1 + part.byteLength);
    message[0] = last ? ends : goesOn;
    message.set(part, 1);
    yield message;
    if (last) return;
  }
}

/**
 * @param mostBytes of one frame. What is not whole yet takes no more memory than this, however it was cut.
 * @returns takes the next message, and gives the frame that it ends, or null. @throws Error for what no honest peer sends.
 */
export function createFrameJoiner(mostBytes: number): (message: Uint8Array) => Uint8Array | null {
  const buffer = new Uint8Array(mostBytes);
  let filled = 0;
  return (message) => {
    const [head] = message;
    const part = message.subarray(1);
    if (head !== goesOn && head !== ends) throw new Error('The peer sent a message of an unknown form.');
    if (filled + part.byteLength > mostBytes) throw new Error('The peer sent a frame that is too large.');
    buffer.set(part, filled);
    filled += part.byteLength;
    if (head === goesOn) return null;
    const frame = buffer.slice(0, filled);
    filled = 0;
    return frame;
  };
}
