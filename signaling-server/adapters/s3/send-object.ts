/** Sends a part of an object at the sink's pace, and goes on by itself where the store's connection broke. */
import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import type { ByteRange } from '../../ports/blobs.ts';
import { writeToSink } from '../disk/write-to-sink.ts';

/** Connections that broke one after another without a byte in between. */
const mostBroken = 4;

interface Source {
  readonly stream: (range: ByteRange) => Promise<IncomingMessage>;
  /** The store is to say something within this time when it is waited for. */
  readonly silenceMs: number;
}

/** Rejects when the sink closes before it has taken everything; the sink is not ended. */
export async function sendObject(source: Source, { from, to }: ByteRange, sink: Writable): Promise<void> {
  let at = from;
  for (let broken = 0; at <= to;) {
    const answer = await source.stream({ from: at, to });
    const before = at;
    const fault = await readWhole(answer, { bytes: to - at + 1, silenceMs: source.silenceMs }, async (piece) => {
      await writeToSink(sink, piece);
      at += piece.byteLength;
    });
    if (fault === null) return;
    broken = at > before ? 0 : broken + 1;
    if (broken >= mostBroken) throw fault;
  }
}

/** @returns what broke the store's side. @throws what `take` throws. */
async function readWhole(
  answer: IncomingMessage,
  { bytes, silenceMs }: { bytes: number; silenceMs: number },
  take: (piece: Buffer) => Promise<void>,
): Promise<Error | null> {
  if (Number(answer.headers['content-length']) !== bytes) {
    answer.destroy();
    return new Error('the object store sent another range than was asked for');
  }
  // From here on a silence may be the sink's.
  answer.socket.setTimeout(0);
  const pieces: AsyncIterator<Buffer> = answer.iterator({ destroyOnReturn: true });
  try {
    for (;;) {
      const next = await nextWithin(pieces, answer, silenceMs).catch(asError);
      if (next instanceof Error) return next;
      if (next.done === true) return null;
      await take(next.value);
    }
  } finally {
    await pieces.return?.();
  }
}

async function nextWithin(
  pieces: AsyncIterator<Buffer>,
  answer: IncomingMessage,
  silenceMs: number,
): Promise<IteratorResult<Buffer>> {
  const timer = setTimeout(
    () => answer.destroy(new Error(`the object store sent nothing for ${silenceMs} ms`)),
    silenceMs,
  );
  return pieces.next().finally(() => clearTimeout(timer));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
