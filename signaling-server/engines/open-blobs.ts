/** Opens the storage for the bytes of files that the settings name: a folder, or an object store. */
import { join } from 'node:path';
import { openDiskBlobs } from '../adapters/disk/disk-blobs.ts';
import { blobsFolder } from '../config/data-folder.ts';
import type { Config } from '../config/settings-table.ts';
import { createYoungCollector } from '../observe/young-collector.ts';
import type { BlobStorage } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { RelayMetrics } from '../ports/metrics.ts';

export type BlobConfig = Pick<
  Config,
  'data' | 'blobs' | 'mediaCapBytes' | 'mediaReserveBytes' | 's3AccessKey' | 's3SecretKey' | 's3SessionToken'
>;

export interface BlobStorageParts {
  readonly config: BlobConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RelayMetrics;
}

export async function openBlobs({ config, clock, log, metrics }: BlobStorageParts): Promise<BlobStorage> {
  const capBytes = config.mediaCapBytes === 0 ? null : config.mediaCapBytes;
  if (config.blobs === null) {
    return openDiskBlobs({
      folder: join(config.data, blobsFolder),
      capBytes,
      reserveBytes: config.mediaReserveBytes,
      metrics,
      collect: createYoungCollector(),
    });
  }
  const { openS3Blobs } = await import('../adapters/s3/s3-blobs.ts');
  const { blobs: url, s3AccessKey: accessKey, s3SecretKey: secretKey, s3SessionToken: sessionToken } = config;
  return openS3Blobs({ url, accessKey, secretKey, sessionToken, capBytes, clock, log, metrics });
}
