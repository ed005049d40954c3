/** What an object store's refusals mean, in Parley's codes: for the admin what to do, for people when to try again. */
import { ParleyError } from '../../../protocol/index.ts';
import { noRoom } from '../blob-errors.ts';
import type { S3Place } from './s3-place.ts';
import { tagOf } from './s3-xml.ts';

/** An answer of the store that is no success. `code` is the store's own word, such as `NoSuchKey`. */
export class S3Refusal extends Error {
  override readonly name = 'S3Refusal';
  readonly status: number;
  readonly code: string;

  constructor(status: number, body: string) {
    const code = tagOf(body, 'Code') ?? '';
    super(`the object store answered ${status} ${code} ${tagOf(body, 'Message') ?? ''}`.trim());
    this.status = status;
    this.code = code;
  }

  /** Whether the same request may succeed in a moment. */
  get passes(): boolean {
    return this.status === 429 || (this.status >= 500 && !this.isFull && this.status !== 501);
  }

  get isMissing(): boolean {
    return this.status === 404 && this.code !== 'NoSuchBucket';
  }

  get isFull(): boolean {
    return this.status === 507 || fullCodes.has(this.code);
  }
}

/** Amazon knows no such thing; these are MinIO's, Ceph's and Swift's words for a full disk or a quota. */
const fullCodes = new Set([
  'XMinioStorageFull',
  'QuotaExceeded',
  'XMinioAdminBucketQuotaExceeded',
  'InsufficientStorage',
  'InsufficientCapacity',
  // Swift says so at a quota; nothing that Parley sends is larger than the interface takes.
  'EntityTooLarge',
]);

/** For `catch`: null for an object that is not there. */
export function nullIfMissing(error: unknown): null {
  if (error instanceof S3Refusal && error.isMissing) return null;
  throw error;
}

/** What is wrong with the settings, for the admin; null when it is nothing of the kind. */
export function settingsFault(error: unknown, place: S3Place): ParleyError | null {
  if (!(error instanceof S3Refusal)) return null;
  const advice = adviceOf(error, place);
  return advice === null ? null : new ParleyError('storage_failed', { message: advice, cause: error });
}

function adviceOf({ status, code }: S3Refusal, { bucket, base, region }: S3Place): string | null {
  if (code === 'NoSuchBucket') {
    return `The object store has no bucket "${bucket}" (asked at ${base}). Make it there, or correct its address in the settings.`;
  }
  if (code === 'RequestTimeTooSkewed') {
    return `The clock of this machine and that of the object store differ too much (asked at ${base}). Set them right.`;
  }
  if (code === 'AuthorizationHeaderMalformed' || status === 301 || status === 307) {
    return `The object store does not take the region "${region}" for the bucket "${bucket}" (asked at ${base}). Name its own with region= in its address.`;
  }
  if (status === 401 || status === 403) {
    return `The object store refuses the access key, or the key may not use the bucket "${bucket}" (asked at ${base}). Check s3AccessKey and s3SecretKey, and what the key may do.`;
  }
  return null;
}

/** Errors of Parley pass through; every other one gets a code. */
export function toS3Error(cause: unknown): ParleyError {
  if (cause instanceof ParleyError) return cause;
  if (cause instanceof S3Refusal && cause.isFull) return noRoom(cause);
  const message = 'The relay cannot reach its store of files at the moment. Try again in a minute.';
  return new ParleyError('unavailable', { message, cause });
}
