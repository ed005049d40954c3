/** Has a database file checked on a thread of its own. */
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Finding } from './check-worker.ts';

/** @param file that nobody else has open. Rejects when it could not be checked. */
export async function checkDatabase(file: string): Promise<Finding> {
  // Beside this module: as TypeScript when run from source, as JavaScript in the bundle.
  const extension = extname(new URL(import.meta.url).pathname);
  const worker = new Worker(new URL(`./check-worker${extension}`, import.meta.url), { workerData: { file } });
  try {
    const [finding] = (await once(worker, 'message')) as [Finding];
    return finding;
  } finally {
    await worker.terminate();
  }
}
