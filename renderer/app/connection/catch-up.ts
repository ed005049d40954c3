/** How far the catching up with the relay is, over cuts of the connection: what was counted never goes back. Pure. */
import type { ConnectionView } from '../../../bridge/views.ts';

export interface CatchUp {
  readonly received: number;
  readonly total: number;
}

/**
 * Every connection counts from nought what it still has to get; a person sees one count until all is there.
 * @param before null before there was anything to get
 */
export function catchUp(before: CatchUp | null, view: ConnectionView): CatchUp | null {
  if (view.state === 'online') return null;
  if (view.state !== 'syncing') return before;
  const left = Math.max(0, view.total - view.received);
  if (before === null) return { received: view.received, total: view.total };
  const received = Math.max(before.received, before.total - left);
  return { received, total: received + left };
}
