/** Blobs and segments in an object store keep their contracts. */
import { afterAll, beforeAll } from 'vitest';
import { openS3Blobs } from '../../signaling-server/adapters/s3/s3-blobs.ts';
import { openS3Segments } from '../../signaling-server/adapters/s3/s3-segments.ts';
import type { SegmentStorage } from '../../signaling-server/ports/cold.ts';
import type { BlobStorage } from '../../signaling-server/ports/blobs.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import { silentLog } from '../support/relay-core.ts';
import { hasS3Server, startS3, type S3Server } from '../support/s3-server.ts';
import { runBlobsContract } from './blobs-contract.ts';
import { runSegmentsContract } from './segments-contract.ts';

if (!hasS3Server) throw new Error("These tests need Debian's package python3-swift.");

let server: S3Server;
beforeAll(async () => {
  server = await startS3();
}, 60_000);
afterAll(() => server.stop());

runBlobsContract('S3', async () => {
  const opened: BlobStorage[] = [];
  const urls = [await server.makeBucket(), await server.makeBucket()] as const;
  const open = async (url: string, capBytes: number | null = null): Promise<BlobStorage> => {
    const parts = { url, ...server.keys, capBytes, clock: Date.now, log: silentLog, metrics: silentMetrics };
    const storage = await openS3Blobs(parts);
    opened.push(storage);
    return storage;
  };
  return {
    storage: await open(urls[0]),
    reopen: () => open(urls[0]),
    withCap: (bytes) => open(urls[1], bytes),
    async dispose() {
      for (const storage of opened) await storage.close();
    },
  };
});

runSegmentsContract('S3', async () => {
  const opened: SegmentStorage[] = [];
  const url = await server.makeBucket();
  const open = async (): Promise<SegmentStorage> => {
    const segments = await openS3Segments({ url, ...server.keys, clock: Date.now });
    opened.push(segments);
    return segments;
  };
  return {
    segments: await open(),
    reopen: open,
    async dispose() {
      for (const segments of opened) await segments.close();
    },
  };
});
