/** Cuts a stream of bytes, however it comes in pieces, into chunks of given sizes. */

/**
 * @param skip bytes at the beginning that belong to no chunk.
 * @returns the chunks in order, each in memory of its own; fewer when the stream ends early, and never part of one.
 */
export async function* joinChunks(
  pieces: AsyncGenerator<Uint8Array>,
  skip: number,
  sizes: readonly number[],
): AsyncGenerator<Uint8Array> {
  let index = 0;
  let chunk = new Uint8Array(sizes[0] ?? 0);
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
      chunk = new Uint8Array(sizes[++index] ?? 0);
      filled = 0;
    }
    if (index >= sizes.length) return;
  }
}
