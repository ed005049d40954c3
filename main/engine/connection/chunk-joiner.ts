/** Cuts a stream of bytes, however it comes in pieces, into chunks of given sizes. */

/**
 * @param skip bytes at the beginning that belong to no chunk.
 * @returns the chunks in order; fewer when the stream ends early, and never part of one. A chunk stands only until the
 * next is asked for: all share one piece of memory, since a fresh one each would keep the garbage collector busy.
 */
export async function* joinChunks(
  pieces: AsyncGenerator<Uint8Array>,
  skip: number,
  sizes: readonly number[],
): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(Math.max(0, ...sizes));
  let index = 0;
  let chunk = memory.subarray(0, sizes[0]);
  let filled = 0;
  for await (const piece of pieces) {
    let at = Math.min(skip, piece.byteLength);
    skip -= at;
    while (at < piece.byteLength && index < sizes.length) {
      const part = piece.subarray(at, at + chunk.byteLength - filled);
      chunk.set(part, filled);
      filled += part.byteLength;
      at += part.byteLength;
      if (filled < chunk.byteLength) break;
      yield chunk;
      chunk = memory.subarray(0, sizes[++index]);
      filled = 0;
    }
    if (index >= sizes.length) return;
  }
}
