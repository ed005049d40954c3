/** How a file stands, from what its message says and what its transfer says: what is shown of it, and what can be done. */
import type { MediaItemView, TransferView } from '../../../bridge/media-views.ts';
import { progressOf } from '../transfers/transfer-order.ts';
import type { UserId } from '../ids.ts';
import { waitingWords } from '../transfers/transfer-words.ts';
import { bytesWords } from './media-words.ts';

/** `still`: nothing to tell; `absent`: not here, and nothing under way. */
export type MediaPhase = 'still' | 'absent' | 'preparing' | 'active' | 'waiting' | 'paused' | 'failed';

export interface MediaStand {
  readonly phase: MediaPhase;
  /** Whether the whole file is on this computer. */
  readonly held: boolean;
  readonly direction: 'in' | 'out';
  /** 0 to 1. */
  readonly progress: number;
  readonly done: number;
  readonly bytes: number;
  /** What is to be said about it; empty when it is `still`. */
  readonly words: string;
}

export interface Onlooker {
  /** Whether the message is one's own. */
  readonly own: boolean;
  readonly me: UserId | null;
}

/** @param transfer the newest known, which may be newer than the one in `item` */
export function mediaStand(item: MediaItemView, transfer: TransferView | null, { own, me }: Onlooker): MediaStand {
  const direction = transfer?.direction ?? (own ? 'out' : 'in');
  const held = item.held || (transfer?.direction === 'in' && transfer.state === 'done');
  const phase = phaseOf(transfer, held);
  const progress = transfer ? progressOf(transfer) : 0;
  return {
    phase,
    held,
    direction,
    progress,
    done: transfer?.done ?? 0,
    bytes: item.bytes,
    words: wordsOf(phase, item, transfer, me),
  };
}

function phaseOf(transfer: TransferView | null, held: boolean): MediaPhase {
  const rest = held ? 'still' : 'absent';
  if (!transfer || transfer.state === 'done') return rest;
  if (transfer.state === 'cancelled') return transfer.direction === 'out' ? 'failed' : rest;
  // What is here already needs nothing more, whatever its transfer still says.
  return transfer.direction === 'in' && held ? 'still' : transfer.state;
}

function wordsOf(phase: MediaPhase, item: MediaItemView, transfer: TransferView | null, me: UserId | null): string {
  const fault = transfer?.fault?.message;
  if (phase === 'absent') return bytesWords(item.bytes);
  if (phase === 'preparing') return 'Preparing…';
  if (phase === 'active') return `${bytesWords(transfer?.done ?? 0)} of ${bytesWords(item.bytes)}`;
  if (phase === 'waiting') return fault ?? waitingWords(transfer?.waitingFor ?? [], me);
  if (phase === 'paused') return 'Paused';
  if (phase === 'failed') return failedWords(transfer);
  return '';
}

function failedWords(transfer: TransferView | null): string {
  const fault = transfer?.fault?.message;
  if (transfer?.direction !== 'out') return fault ? `Not fetched: ${fault}` : 'Not fetched';
  if (transfer.state === 'cancelled') return 'Not sent: you stopped it.';
  return fault ? `Not sent: ${fault}` : 'Not sent';
}

const gravest: readonly MediaPhase[] = ['failed', 'waiting', 'active', 'preparing', 'paused', 'absent'];

/** One line for the files of one message together. @returns empty when there is nothing to tell. */
export function albumWords(stands: readonly MediaStand[]): string {
  const phase = gravest.find((one) => stands.some((stand) => stand.phase === one));
  const alike = stands.filter((stand) => stand.phase === phase);
  const [first] = alike;
  if (!first) return '';
  if (phase === 'absent') return bytesWords(total(alike, 'bytes'));
  if (phase !== 'active') return first.words;
  const moving = stands.filter((stand) => stand.phase !== 'absent');
  const through = moving.reduce((sum, stand) => sum + (stand.phase === 'still' ? stand.bytes : stand.done), 0);
  return `${bytesWords(through)} of ${bytesWords(total(moving, 'bytes'))}`;
}

function total(stands: readonly MediaStand[], count: 'bytes' | 'done'): number {
  return stands.reduce((sum, stand) => sum + stand[count], 0);
}
