/** What the acts about blobs work with. */
import type { BlobId, UserId } from '../../protocol/index.ts';
import type { BlobStorage } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { RelayMetrics } from '../ports/metrics.ts';
import type { BlobHold, Store } from '../ports/store.ts';
import { KeyedTurns } from '../runtime/keyed-turns.ts';
import { UploadRuns } from './upload-runs.ts';

/** The part of the configuration that blobs depend on. Zero means "no limit", and for the largest file "none". */
export interface BlobSettings {
  readonly maxFileBytes: number;
  readonly userQuotaBytes: number;
  readonly mediaKeepDays: number;
  readonly uploadKeepHours: number;
}

export interface BlobDeps {
  readonly store: Pick<Store, 'blobs' | 'conversations'>;
  readonly storage: BlobStorage;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RelayMetrics;
  readonly settings: BlobSettings;
  /** How long an upload's connection is waited for before a new one takes over. */
  readonly silenceMs?: number;
}

export interface BlobParts extends BlobDeps {
  readonly runs: UploadRuns;
  /** Publishing a blob and removing it exclude each other. */
  readonly turns: KeyedTurns;
}

export function createBlobParts(deps: BlobDeps): BlobParts {
  return { ...deps, runs: new UploadRuns(deps.silenceMs), turns: new KeyedTurns() };
}

/** Names an upload among those that run. */
export function runKey({ user, blob }: { user: UserId; blob: BlobId }): string {
  return `${user}/${blob}`;
}

/** Takes the bytes of a blob away unless somebody holds it. */
export function removeIfFree({ store, storage, turns }: BlobParts, blob: BlobId): Promise<void> {
  return turns.run(blob, async () => {
    if (!(await store.blobs.isHeld(blob))) {
      await storage.remove(blob);
      // Another node may have finished an upload of it in between; one that finishes later sees that it is gone.
      if (storage.restore && (await store.blobs.isHeld(blob))) await storage.restore(blob);
    }
    await store.blobs.settleRemoval(blob);
  });
}

/** Ends an upload in one conversation, and takes its bytes away when it is under way in no other. @returns whether there was one. */
export async function endUpload(parts: BlobParts, upload: BlobHold): Promise<boolean> {
  const ended = await parts.store.blobs.abandon(upload);
  if (ended?.last) {
    await parts.runs.stop(runKey(upload));
    await parts.storage.abandon(upload);
  }
  return ended !== null;
}
