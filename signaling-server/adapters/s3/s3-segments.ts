/** Keeps segments of old history in an object store that speaks S3. */
import { ParleyError } from '../../../protocol/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SegmentStorage } from '../../ports/cold.ts';
import { assertSegmentName } from '../cold/segment-names.ts';
import { createS3Client, type S3Keys, type S3Patience } from './s3-client.ts';
import { settingsFault, toS3Error } from './s3-errors.ts';
import { createS3Objects } from './s3-objects.ts';
import { parseS3Url } from './s3-place.ts';

export interface S3SegmentsDeps extends S3Keys {
  /** `s3://bucket/prefix?endpoint=…&region=…`; may be that of the blobs. */
  readonly url: string;
  readonly clock: Clock;
  readonly patience?: S3Patience;
}

/**
 * A store that is away does not hold the relay up: old history is `unavailable` until it is back.
 * @throws ParleyError `storage_failed` with one line for the admin when the store refuses the settings.
 */
export async function openS3Segments({ url, clock, patience, ...keys }: S3SegmentsDeps): Promise<SegmentStorage> {
  const place = parseS3Url(url);
  const client = createS3Client({ place, keys, clock, patience });
  const objects = createS3Objects(client);

  const ping = async (): Promise<void> => {
    await objects.ping().catch((error: unknown) => {
      throw settingsFault(error, place) ?? toS3Error(error);
    });
  };
  await ping().catch((error: unknown) => {
    if (!(error instanceof ParleyError && error.code === 'storage_failed')) return;
    client.close();
    throw error;
  });

  return {
    async put(name, bytes) {
      assertSegmentName(name);
      await objects.put(name, { bytes }).catch(throwS3Error);
    },
    get: (name) => objects.get(name).catch(throwS3Error),
    remove: (name) => objects.remove(name).catch(throwS3Error),
    async *list(prefix) {
      try {
        for await (const { key, changedAt } of objects.list(prefix)) yield { name: key, at: changedAt };
      } catch (error) {
        throwS3Error(error);
      }
    },
    ping,
    async close() {
      client.close();
    },
  };
}

function throwS3Error(error: unknown): never {
  throw toS3Error(error);
}
