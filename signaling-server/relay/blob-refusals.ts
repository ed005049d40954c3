/** Why the relay does not take a file, in words for the person who sends it. */
import { ParleyError } from '../../protocol/index.ts';
import { describeBytes } from '../observe/disk-space.ts';

/** Alike for blobs that do not exist and for those that are not the caller's to see. */
export function blobNotFound(): ParleyError {
  return new ParleyError('not_found', { message: 'There is no such file here, or not for you.' });
}

export function blobTooLarge(maxFileBytes: number): ParleyError {
  const message =
    maxFileBytes === 0
      ? 'This relay takes no files. People who are online at the same time as you can get them directly.'
      : `This relay takes files of up to ${describeBytes(maxFileBytes)}. Send a smaller one; people who are online at the same time as you can get larger ones directly.`;
  return new ParleyError('blob_too_large', { message, field: 'bytes' });
}

export function overQuota(quotaBytes: number, usedBytes: number): ParleyError {
  const message = `You may keep ${describeBytes(quotaBytes)} of files on this relay, and ${describeBytes(usedBytes)} are taken. Delete files that you sent, or ask the relay's admin for more.`;
  return new ParleyError('quota_exceeded', { message });
}

export function tooManyUploads(most: number): ParleyError {
  const message = `You have begun ${most} uploads that are not finished. Finish or cancel some of them first.`;
  return new ParleyError('rate_limited', { message, retryAfterMs: 60_000 });
}

export function wrongSize(): ParleyError {
  return new ParleyError('bad_request', { message: 'No file has a blob of this size.', field: 'bytes' });
}
