/** The relay's HTTP for blobs: uploads and downloads as streams, bounded in memory, ended when they stand still. */
import type { IncomingMessage } from 'node:http';
import {
  blobPath,
  blobUploadSchema,
  chunkFormat,
  chunkPlace,
  iceSchema,
  mediaLimitsSchema,
  paths,
  uploadOffsetHeader,
  type BlobId,
  type BlobUpload,
  type ConversationId,
  type Ice,
  type MediaLimits,
} from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import { createExchanges, type Exchanges } from './blob-exchange.ts';
import { createBlobSource } from './blob-source.ts';
import { joinChunks } from './chunk-joiner.ts';
import type { HttpClient } from './http-client.ts';
import { notARelay } from './network-faults.ts';
import { assertSuccess, readAnswer } from './relay-api.ts';

export interface BlobAddress {
  readonly conversation: ConversationId;
  readonly blob: BlobId;
}

export interface UploadRequest extends BlobAddress {
  /** Where the relay stands; the stream begins there. */
  readonly offset: number;
  /** Size of the whole blob (sealed). */
  readonly bytes: number;
  readonly body: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  /** Bytes of the blob that the network took, from its beginning. */
  readonly onProgress: (offset: number) => void;
}

export interface DownloadRequest extends BlobAddress {
  /** Size of the file. */
  readonly plainBytes: number;
  /** Chunks `from` up to but without `to`. */
  readonly from: number;
  readonly to: number;
  readonly signal: AbortSignal;
}

/** Every call rejects with a ParleyError with words; an aborted one with code `unreachable`. */
export interface BlobClient {
  /** Begins or goes on with an upload, and says where it stands. @param bytes sealed size. */
  begin(address: BlobAddress, bytes: number): Promise<BlobUpload>;
  /** Sends what is left from `offset` on. @returns where the relay stands then. */
  upload(request: UploadRequest): Promise<number>;
  /**
   * Sealed chunks in order, each whole, and each only until the next is asked for. Ends early where the relay does; reads
   * no further than they are taken.
   */
  chunks(request: DownloadRequest): AsyncIterable<Uint8Array>;
  /** @param chunks how many the blob has. */
  hashes(address: BlobAddress, chunks: number, signal: AbortSignal): Promise<Uint8Array>;
  limits(): Promise<MediaLimits>;
  /** Kept for most of its time to live. */
  ice(): Promise<Ice>;
  /** Ends what is under way. */
  close(): void;
}

export interface BlobClientOptions {
  readonly base: string;
  readonly token: string;
  /** For the exchanges that are small; the streams have connections of their own. */
  readonly http: HttpClient;
  readonly clock: Clock;
}

/** ICE credentials are used for this part of their time, so that none runs out while two devices connect. */
const keptPart = 0.8;

export function createBlobClient({ base, token, http, clock }: BlobClientOptions): BlobClient {
  const exchanges = createExchanges(base, token);
  const source = createBlobSource(base, exchanges, clock);
  const closing = new AbortController();
  let kept: { readonly ice: Promise<Ice>; until: number } | null = null;

  async function askIce(): Promise<Ice> {
    return readAnswer(await http({ method: 'GET', base, path: paths.ice, token }), iceSchema, base);
  }

  return {
    async begin({ conversation, blob }, bytes) {
      const path = blobPath(conversation);
      return readAnswer(
        await http({ method: 'POST', base, path, token, body: { blob, bytes } }),
        blobUploadSchema,
        base,
      );
    },

    async upload({ conversation, blob, offset, bytes, body, signal, onProgress }) {
      let sent = offset;
      const headers = {
        'content-type': 'application/octet-stream',
        'content-length': bytes - offset,
        [uploadOffsetHeader]: offset,
      };
      const path = blobPath(conversation, blob);
      const either = AbortSignal.any([signal, closing.signal]);
      const response = await exchanges.send({ method: 'PATCH', path, headers, signal: either }, body, (taken) =>
        onProgress((sent += taken)),
      );
      assertSuccess(await exchanges.answer(response), base);
      return offsetOf(response, base);
    },

    async *chunks({ conversation, blob, plainBytes, from, to, signal }) {
      const first = chunkPlace(plainBytes, from);
      const last = chunkPlace(plainBytes, to - 1);
      const range = `bytes=${first.sealedStart}-${last.sealedStart + last.sealedBytes - 1}`;
      const path = blobPath(conversation, blob);
      const either = AbortSignal.any([signal, closing.signal]);
      const { response, failed } = await source.open({ path, range, signal: either });
      await assertBytes(response, exchanges, base);
      // A relay that ignores the range answers the whole blob.
      const skip = response.statusCode === 206 ? 0 : first.sealedStart;
      const sizes = Array.from({ length: to - from }, (_, at) => chunkPlace(plainBytes, from + at).sealedBytes);
      yield* joinChunks(exchanges.pieces(response, failed), skip, sizes);
    },

    async hashes({ conversation, blob }, chunks, signal) {
      const path = `${blobPath(conversation, blob)}/hashes`;
      const either = AbortSignal.any([signal, closing.signal]);
      const response = await exchanges.ask({ method: 'GET', path, signal: either });
      await assertBytes(response, exchanges, base);
      for await (const hashes of joinChunks(exchanges.pieces(response), 0, [chunks * chunkFormat.hashBytes]))
        return hashes;
      throw notARelay(base);
    },

    async limits() {
      return readAnswer(await http({ method: 'GET', base, path: paths.media, token }), mediaLimitsSchema, base);
    },

    async ice() {
      if (kept && clock.monotonic() < kept.until) return kept.ice;
      const asked = { ice: askIce(), until: Number.POSITIVE_INFINITY };
      kept = asked;
      try {
        const ice = await asked.ice;
        asked.until = clock.monotonic() + ice.ttlSeconds * 1_000 * keptPart;
        return ice;
      } catch (error) {
        if (kept === asked) kept = null;
        throw error;
      }
    },

    close() {
      closing.abort();
      exchanges.close();
      source.close();
    },
  };
}

/** @throws ParleyError with the relay's words when the answer is not bytes of a blob. */
async function assertBytes(response: IncomingMessage, exchanges: Exchanges, base: string): Promise<void> {
  if (response.statusCode === 200 || response.statusCode === 206) return;
  assertSuccess(await exchanges.answer(response), base);
  throw notARelay(base);
}

function offsetOf({ headers }: IncomingMessage, base: string): number {
  const offset = Number(headers[uploadOffsetHeader.toLowerCase()] ?? Number.NaN);
  if (!Number.isSafeInteger(offset) || offset < 0) throw notARelay(base);
  return offset;
}
