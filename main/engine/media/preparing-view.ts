/** Shows an own file that is being sealed as a transfer. */
import type { MediaRef, TransferView } from '../../../bridge/media-views.ts';
import { safeName } from './safe-name.ts';
import type { DraftItem } from './draft.ts';

export interface SealProgress {
  readonly done: number;
  /** Null before the first moment is over. */
  readonly bytesPerSecond: number | null;
}

/** @param progress null for a file that waits for its turn, or is sealed. */
export function preparingView(
  ref: MediaRef,
  { name, kind, bytes, blob }: DraftItem,
  progress: SealProgress | null,
  updatedAt: number,
): TransferView {
  const done = blob ? bytes : Math.min(bytes, progress?.done ?? 0);
  const bytesPerSecond = progress?.bytesPerSecond ?? null;
  return {
    ref,
    direction: 'out',
    name: safeName(name),
    kind,
    state: 'preparing',
    done,
    bytes,
    bytesPerSecond,
    msLeft: bytesPerSecond ? ((bytes - done) / bytesPerSecond) * 1_000 : null,
    path: null,
    waitingFor: [],
    fault: null,
    updatedAt,
  };
}
