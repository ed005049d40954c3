/**
 * Cuts frames into messages of a data channel and puts them together again: each message begins with one byte that says
 * whether the frame goes on. Few and large messages cost less than many small ones.
 */

/** What Chromium sends and takes at most; another side may take less. */
export const messageBytes = 256 * 1024;

const goesOn = 0;
const ends = 1;

/**
 * Copies next to nothing: a short first message takes what the full ones leave over, and each of those lies in the frame
 * itself, whose memory is written over. So a message stands only until the next is taken, and the frame is used up.
 * @returns the messages of one frame, in order; at least one.
 */
export function* cutFrame(frame: Uint8Array, mostBytes = messageBytes): Generator<Uint8Array> {
  const partBytes = mostBytes - 1;
  const total = frame.byteLength;
  const fullParts = Math.max(0, Math.ceil(total / partBytes) - 1);
  const begin = total - fullParts * partBytes;
  const first = new Uint8Array(1 + begin);
  first[0] = fullParts === 0 ? ends : goesOn;
  first.set(frame.subarray(0, begin), 1);
  yield first;
  for (let at = begin; at < total; at += partBytes) {
    frame[at - 1] = at + partBytes >= total ? ends : goesOn;
    yield frame.subarray(at - 1, at + partBytes);
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
    if (head === goesOn) {
      buffer.set(part, filled);
      filled += part.byteLength;
      return null;
    }
    // Memory of its own, since a view would take all of the memory it lies in along to the engine.
    const frame = new Uint8Array(filled + part.byteLength);
    frame.set(buffer.subarray(0, filled));
    frame.set(part, filled);
    filled = 0;
    return frame;
  };
}
