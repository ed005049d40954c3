/** Opens the object store that the settings name for as long as something is looked at there. */
import { openBlobs, type BlobConfig } from '../../engines/open-blobs.ts';
import { createPinoLog } from '../../observe/pino-log.ts';
import { silentMetrics } from '../../observe/silent-metrics.ts';
import type { BlobStorage } from '../../ports/blobs.ts';

export type ObjectStoreConfig = Omit<BlobConfig, 'mediaCapBytes' | 'mediaReserveBytes'>;

export async function withObjectStore<T>(
  config: ObjectStoreConfig,
  look: (storage: BlobStorage) => Promise<T>,
): Promise<T> {
  const log = createPinoLog({ level: 'warn', format: 'pretty' });
  const unbounded = { mediaCapBytes: 0, mediaReserveBytes: 0 };
  const storage = await openBlobs({
    config: { ...config, ...unbounded },
    clock: Date.now,
    log,
    metrics: silentMetrics,
  });
  try {
    return await look(storage);
  } finally {
    await storage.close();
  }
}
