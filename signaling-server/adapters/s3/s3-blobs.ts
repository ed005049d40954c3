/** Keeps blobs in an object store that speaks S3, shared by all relay nodes. */
import { ParleyError } from '../../../protocol/index.ts';
import type { BlobStorage } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { RelayMetrics } from '../../ports/metrics.ts';
import { createGuard, guardBlobs, noSuchBlob } from '../blob-errors.ts';
import { blobKeys, parseDataKey, parseDataName, recordName } from './blob-keys.ts';
import { createBlobRecords, type BlobRecord } from './blob-records.ts';
import { MemoryBudget } from './memory-budget.ts';
import { createS3Client, defaultPatience, type S3Patience } from './s3-client.ts';
import { settingsFault, toS3Error } from './s3-errors.ts';
import { createS3Objects, type S3Objects } from './s3-objects.ts';
import { parseS3Url } from './s3-place.ts';
import { createS3Uploads, type S3Uploads } from './s3-uploads.ts';
import { sendObject } from './send-object.ts';
import { createUsage } from './usage.ts';

export interface S3BlobsDeps {
  /** `s3://bucket/prefix?endpoint=…&region=…`. */
  readonly url: string;
  readonly accessKey: string | null;
  readonly secretKey: string | null;
  readonly sessionToken?: string | null;
  /** Bytes of all blobs and uploads; null: whatever the store takes. */
  readonly capBytes: number | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RelayMetrics;
  readonly patience?: S3Patience;
  /** Bytes that uploads hold in memory in all. */
  readonly memoryBytes?: number;
  /** How long a blob that was removed can be read by who had opened it. */
  readonly readableMs?: number;
}

export interface S3Blobs extends BlobStorage {
  readonly directUrl: NonNullable<BlobStorage['directUrl']>;
  readonly restore: NonNullable<BlobStorage['restore']>;
  /** Takes away the bytes of blobs that were removed long enough ago; done every few minutes by itself. */
  removeRetired(): Promise<void>;
}

const defaultMemoryBytes = 256 * 1024 * 1024;
const memoryWaitMs = 5_000;
const defaultReadableMs = 3_600_000;
const sweepEveryMs = 300_000;
/** A store that is away fails every request: one line of the log says so for all in this time. */
const toldEveryMs = 10_000;

/**
 * A store that is away does not hold the relay up: blobs are `unavailable` until it is back.
 * @throws ParleyError `storage_failed` with one line for the admin when the store refuses the settings.
 */
export async function openS3Blobs(deps: S3BlobsDeps): Promise<S3Blobs> {
  const { capBytes, clock, log, metrics, patience = defaultPatience, readableMs = defaultReadableMs } = deps;
  const place = parseS3Url(deps.url);
  const client = createS3Client({ place, keys: keysOf(deps), clock, patience });
  const objects = createS3Objects(client);
  const records = createBlobRecords(objects);
  const memory = new MemoryBudget(deps.memoryBytes ?? defaultMemoryBytes, memoryWaitMs);
  const usage = createUsage({ capBytes, clock, count: () => countBytes(objects, records.find, uploads) });
  const uploads: S3Uploads = createS3Uploads({ objects, records, memory, usage });
  metrics.gauge(
    'parley_blob_upload_bytes',
    'Bytes of uploads that the object store does not have yet.',
    () => memory.held,
  );

  async function assertUsable(): Promise<void> {
    await objects.ping().catch((error: unknown) => {
      throw settingsFault(error, place) ?? error;
    });
  }

  try {
    await assertUsable();
  } catch (error) {
    if (error instanceof ParleyError) {
      client.close();
      throw error;
    }
    log.warn('blobs.store_away', { error });
  }
  const removeRetired = (): Promise<void> => records.sweep(clock() - readableMs);
  const sweeping = startSweeping(removeRetired, log);

  const storage: S3Blobs = {
    offset: uploads.offset,
    append: uploads.append,
    publish: uploads.publish,
    abandon: uploads.abandon,
    size: async (blob) => (await records.find(blob))?.bytes ?? null,
    async open(blob) {
      const { name, bytes } = found(await records.find(blob));
      const source = {
        stream: (range: { from: number; to: number }) => objects.stream(blobKeys.data(blob, name), range),
        silenceMs: patience.silenceMs,
      };
      return {
        bytes,
        send: (range, sink) => sendObject(source, range, sink),
        async close() {},
      };
    },
    hashes: async (blob) => found(await records.hashes(blob)),
    async remove(blob) {
      usage.give(await records.remove(blob));
    },
    restore: records.restore,
    staleUploads: uploads.stale,
    used: usage.measure,
    assertRoom: usage.assertFits,
    async directUrl(blob, lifeSeconds) {
      const { name } = found(await records.find(blob));
      return objects.presign(blobKeys.data(blob, name), lifeSeconds);
    },
    removeRetired,
    ping: assertUsable,
    async close() {
      await sweeping.stop();
      client.close();
    },
  };
  return withParleyErrors(storage, log);
}

function keysOf({ accessKey, secretKey, sessionToken }: S3BlobsDeps) {
  if (accessKey !== null && secretKey !== null) return { accessKey, secretKey, sessionToken };
  throw new ParleyError('storage_failed', {
    message:
      'The object store of --blobs needs keys. Set PARLEY_S3_ACCESS_KEY and PARLEY_S3_SECRET_KEY, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  });
}

function found<T>(thing: T | null): T {
  if (thing === null) throw noSuchBlob();
  return thing;
}

/** Each blob once, whoever sent it, and what uploads under way have brought. */
async function countBytes(
  objects: S3Objects,
  find: (blob: UploadBlob) => Promise<BlobRecord | null>,
  uploads: S3Uploads,
): Promise<number> {
  let sum = 0;
  let folder = { blob: '', bytes: 0 };
  // In the order of keys: all of a blob one after another, its record last.
  for await (const { key } of objects.list(blobKeys.allBlobs)) {
    const found = parseDataKey(key);
    if (found === null) continue;
    if (found.blob !== folder.blob) folder = { blob: found.blob, bytes: 0 };
    if (found.name === recordName) sum += folder.bytes;
    else folder.bytes = parseDataName(found.blob, found.name)?.bytes ?? folder.bytes;
  }
  for await (const { upload, state, offset } of uploads.all()) {
    if ((await find(upload.blob))?.name !== state.data) sum += offset;
  }
  return sum;
}

type UploadBlob = Parameters<BlobStorage['size']>[0];

/** Every failure that leaves the adapter has a code of Parley's; what the store said goes to the log. */
function withParleyErrors(storage: S3Blobs, log: Log): S3Blobs {
  let quietUntil = 0;
  const tell = (error: unknown): void => {
    const now = performance.now();
    if (now < quietUntil) return;
    quietUntil = now + toldEveryMs;
    log.warn('blobs.store_failed', { error });
  };
  const guard = createGuard((error) => {
    if (!(error instanceof ParleyError)) tell(error);
    return toS3Error(error);
  });
  return {
    ...guardBlobs(storage, guard),
    directUrl: guard(storage.directUrl),
    restore: guard(storage.restore),
    removeRetired: guard(storage.removeRetired),
  };
}

function startSweeping(sweep: () => Promise<void>, log: Log): { stop(): Promise<void> } {
  let turn: Promise<void> = Promise.resolve();
  const timer = setInterval(
    () => {
      turn = turn.then(sweep).catch((error: unknown) => log.warn('blobs.not_swept', { error }));
    },
    sweepEveryMs * (0.75 + Math.random() / 2),
  ).unref();
  return {
    async stop() {
      clearInterval(timer);
      await turn;
    },
  };
}
