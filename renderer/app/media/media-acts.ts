/** What can be done about a file that is not still: one thing at hand, and giving up. Pure. */
import type { MediaPhase, MediaStand } from './media-stand.ts';

export type MediaAct = 'start' | 'pause';

/** What the button in the ring does; null where there is only waiting. */
export function actFor(phase: MediaPhase): MediaAct | null {
  if (phase === 'absent' || phase === 'paused' || phase === 'failed') return 'start';
  return phase === 'active' ? 'pause' : null;
}

export function canGiveUp({ phase }: MediaStand): boolean {
  return phase === 'active' || phase === 'waiting' || phase === 'paused' || phase === 'preparing';
}

/** The ring's button in words. */
export function actWords({ phase, direction }: MediaStand): string {
  if (phase === 'absent') return 'Download';
  if (phase === 'active') return 'Pause';
  if (phase === 'paused') return direction === 'out' ? 'Go on sending' : 'Go on downloading';
  if (phase === 'failed') return direction === 'out' ? 'Send again' : 'Try again';
  return '';
}

export function giveUpWords({ direction }: MediaStand): string {
  return direction === 'out' ? 'Stop sending' : 'Stop downloading';
}
