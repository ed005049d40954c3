/** Which transfers belong together, in which order, and how far they are as a whole. Pure. */
import type { MediaRef, TransferView } from '../../../bridge/media-views.ts';

/** One file in one message, as a key of maps and lists. */
export function refKey({ conversation, message, item }: MediaRef): string {
  return `${conversation}/${message}/${item}`;
}

/** Over, one way or another: nothing happens with it unless the person asks. */
export function isFinished({ state }: TransferView): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/** 0 to 1. An empty file is through when it is done. */
export function progressOf({ done, bytes, state }: Pick<TransferView, 'done' | 'bytes' | 'state'>): number {
  if (state === 'done') return 1;
  return bytes === 0 ? 0 : Math.min(1, done / bytes);
}

/** Newest message first; an album's files in their order. Does not change while bytes move, so that no row jumps. */
export function compareTransfers(a: TransferView, b: TransferView): number {
  // Message ids are UUIDv7: they sort by the time at which they were made.
  if (a.ref.message !== b.ref.message) return a.ref.message < b.ref.message ? 1 : -1;
  return a.ref.item - b.ref.item;
}

const groups = [
  { words: 'On the way', states: ['preparing', 'active'] },
  { words: 'Waiting', states: ['waiting', 'paused'] },
  { words: 'Failed', states: ['failed'] },
  { words: 'Finished', states: ['done', 'cancelled'] },
] as const satisfies readonly { words: string; states: readonly TransferView['state'][] }[];

export interface TransferGroup {
  readonly words: string;
  readonly transfers: readonly TransferView[];
}

/** What moves, what waits, what failed, what is over; groups without any are left out. */
export function transferGroups(views: readonly TransferView[]): TransferGroup[] {
  return groups.flatMap(({ words, states }) => {
    const transfers = views.filter(({ state }) => (states as readonly TransferView['state'][]).includes(state));
    return transfers.length === 0 ? [] : [{ words, transfers }];
  });
}

/** Bytes that are through of all bytes; null for none. */
export function overallProgress(views: readonly TransferView[]): number | null {
  if (views.length === 0) return null;
  const bytes = views.reduce((sum, view) => sum + view.bytes, 0);
  const done = views.reduce((sum, view) => sum + progressOf(view) * view.bytes, 0);
  return bytes === 0 ? 0 : done / bytes;
}
