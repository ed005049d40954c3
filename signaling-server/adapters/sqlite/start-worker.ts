/** Starts the threads that work on the database beside the event loop. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** The thread's file lies beside this module: as TypeScript when run from source, as JavaScript in the bundle. */
export function startWorker(name: 'checkpoint-worker' | 'integrity-worker', file: string): Worker {
  const extension = extname(new URL(import.meta.url).pathname);
  return new Worker(new URL(`./${name}${extension}`, import.meta.url), { workerData: { file } });
}
