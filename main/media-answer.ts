/** Answers a page's request for a file of a message: ranges, headers, bytes read as they are consumed. */
import { ParleyError, chunkFormat } from '../protocol/index.ts';
import type { CommandName, InputOf, OutputOf } from '../bridge/contract.ts';
import type { GuestContract } from '../bridge/host-contract.ts';
import { parseMediaAddress } from '../bridge/media-address.ts';
import type { MediaRef } from '../bridge/media-views.ts';
import { appPageOrigin } from '../bridge/page-addresses.ts';
import { parseByteRange, type ByteRange } from './byte-range.ts';

/** Asks the engine that runs now. @throws ParleyError as it answers; `unavailable` when none runs, or it ends meanwhile. */
export type AskEngine = <N extends CommandName<GuestContract>>(
  name: N,
  input: InputOf<GuestContract, N>,
) => Promise<OutputOf<GuestContract, N>>;

/** What comes is shown, never run: no sniffing, and a sandbox should anything ever take it for a document. */
const guardingHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  // For pictures that are copied by way of a canvas.
  'access-control-allow-origin': appPageOrigin,
} as const;

/** Never rejects; a failure is an answer, or an end of the stream in mid-way. */
export async function answerMediaRequest({ url, method, headers }: Request, ask: AskEngine): Promise<Response> {
  const ref = parseMediaAddress(url);
  if (!ref || (method !== 'GET' && method !== 'HEAD')) return refusal(404);
  try {
    const { inlineType, bytes } = await ask('media.describe', ref);
    if (inlineType === null) return refusal(403);
    const range = parseByteRange(headers.get('range'), bytes);
    if (range === 'unsatisfiable') return refusal(416, { 'content-range': `bytes */${bytes}` });
    const part = range ?? { from: 0, length: bytes };
    return new Response(method === 'HEAD' ? null : readPart(ref, part, ask), {
      status: range ? 206 : 200,
      headers: { ...guardingHeaders, ...headersOf(part, range !== null, bytes), 'content-type': inlineType },
    });
  } catch (error) {
    return refusal(error instanceof ParleyError && error.code === 'not_found' ? 404 : 503);
  }
}

function headersOf({ from, length }: ByteRange, partial: boolean, bytes: number): Record<string, string> {
  return {
    'accept-ranges': 'bytes',
    'content-length': String(length),
    // The address names one file for good; these answers never reach Chromium's cache on disk.
    'cache-control': 'private, max-age=31536000, immutable',
    ...(partial ? { 'content-range': `bytes ${from}-${from + length - 1}/${bytes}` } : {}),
  };
}

/** Reads a chunk at a time, when the consumer wants more; stops when it goes. */
function readPart(ref: MediaRef, { from, length }: ByteRange, ask: AskEngine): ReadableStream<Uint8Array> {
  const end = from + length;
  let at = from;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (at >= end) return controller.close();
        const chunkEnd = (Math.floor(at / chunkFormat.plainBytes) + 1) * chunkFormat.plainBytes;
        const bytes = await ask('media.read', { ...ref, from: at, length: Math.min(chunkEnd, end) - at });
        if (bytes.byteLength === 0) throw new Error('The file ended early.');
        at += bytes.byteLength;
        controller.enqueue(bytes);
        if (at >= end) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function refusal(status: 403 | 404 | 416 | 503, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { ...guardingHeaders, 'cache-control': 'no-store', ...headers } });
}
