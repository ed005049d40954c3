/** Takes away what nobody is to keep: expired blobs, uploads that were given up, bytes without a holder. */
import { milliseconds } from '../../protocol/index.ts';
import { endUpload, removeIfFree, runKey, type BlobParts } from './blob-parts.ts';

/** Of each kind, so that one turn is short. */
const rowsATurn = 200;
const hourMs = 3_600_000;

/** @returns one turn of the sweep. It says whether there is more to do. */
export function createBlobSweep(parts: BlobParts): () => Promise<boolean> {
  const { store, storage, clock, runs, settings } = parts;

  async function expireHolds(): Promise<number> {
    if (settings.mediaKeepDays === 0) return 0;
    const old = await store.blobs.heldBefore(clock() - settings.mediaKeepDays * milliseconds.day, rowsATurn);
    for (const hold of old) await store.blobs.release(hold);
    return old.length;
  }

  async function endStaleUploads(before: number): Promise<number> {
    const stale = await store.blobs.uploadsBefore(before, rowsATurn);
    const still = stale.filter((upload) => !runs.has(runKey(upload)));
    for (const upload of still) await endUpload(parts, upload);
    return still.length;
  }

  /** Files of uploads that no row names any more. Those that have one are gone on with, however old they are. */
  async function clearLeftovers(before: number): Promise<number> {
    let cleared = 0;
    for (const upload of await storage.staleUploads(before)) {
      if (cleared >= rowsATurn) break;
      if (runs.has(runKey(upload)) || (await store.blobs.isUploading(upload.user, upload.blob))) continue;
      await storage.abandon(upload);
      cleared += 1;
    }
    return cleared;
  }

  async function removeFreed(): Promise<number> {
    const free = await store.blobs.removable(rowsATurn);
    for (const blob of free) await removeIfFree(parts, blob);
    return free.length;
  }

  return async () => {
    const before = clock() - settings.uploadKeepHours * hourMs;
    const done = [
      await expireHolds(),
      await endStaleUploads(before),
      await clearLeftovers(before),
      await removeFreed(),
    ];
    return done.some((count) => count >= rowsATurn);
  };
}

const everyMs = 60_000;
const soonMs = 1_000;

/** Nodes of a fleet sweep the same things, which does no harm, but not all at one time, which would do no good. */
const spread = (): number => 0.75 + Math.random() / 2;

/** Sweeps for as long as it is not stopped, one turn after another. */
export function startSweeping(
  { log }: Pick<BlobParts, 'log'>,
  sweep: () => Promise<boolean>,
): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  let stopped = false;
  const wait = (ms: number): void => {
    if (!stopped) timer = setTimeout(() => (turn = run()), ms).unref();
  };
  const run = async (): Promise<void> => {
    const more = await sweep().catch((error: unknown) => {
      log.warn('blobs.not_swept', { error });
      return false;
    });
    wait(more ? soonMs : everyMs * spread());
  };
  wait(soonMs * spread());
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await turn;
    },
  };
}
