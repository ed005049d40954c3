/** What people do with transfers: begin, pause, cancel, look through, and wait for bytes that they want to see now. */
import type { MediaRef, TransferView } from '../../../bridge/media-views.ts';
import { chunkFormat, ParleyError, type BlobId } from '../../../protocol/index.ts';
import type { TransferRecord } from '../storage/transfers-table.ts';
import type { Peers } from './peers.ts';
import type { Register } from './register.ts';
import type { Roster } from './roster.ts';
import type { Transfer } from './transfer.ts';
import type { Transfers } from './transfers.ts';
import type { TransfersDeps } from './transfers-deps.ts';

type Acts = Pick<Transfers, 'start' | 'pause' | 'cancel' | 'list' | 'viewOf' | 'clear' | 'freed' | 'unlist' | 'hurry'>;

interface ActsDeps extends Pick<TransfersDeps, 'table' | 'vault' | 'find' | 'now'> {
  readonly register: Register<Transfer>;
  readonly roster: Roster;
  readonly peers: Peers | null;
  readonly isClosed: () => boolean;
  /** Says to the others that a file is here. */
  readonly announce: (record: TransferRecord) => void;
}

export function createActs({ table, vault, find, now, register, roster, peers, isClosed, announce }: ActsDeps): Acts {
  async function start(ref: MediaRef): Promise<void> {
    const file = find(ref);
    if (!file) throw notFound();
    const { blob } = file;
    const { whole } = await vault.expect(file);
    if (isClosed()) return;
    const known = table.get(blob);
    if (!known) {
      if (whole) return;
      table.add({ blob, direction: 'in', ref, now: now() });
    } else if (!revive(known, whole)) return;
    const record = table.get(blob);
    if (!record) return;
    roster.adopt(record);
    announce(record);
  }

  /** @returns whether there is something to do for it. */
  function revive({ blob, direction, state }: TransferRecord, whole: boolean): boolean {
    // One's own file that was freed here comes back from the others.
    const returns = direction === 'out' && !whole;
    if (!returns && state === 'wanted' && register.get(blob)) return false;
    if (direction === 'in' && whole) return false;
    if (returns) table.setDirection(blob, 'in');
    table.setState(blob, 'wanted', null, now());
    return true;
  }

  function listed(ref: MediaRef): Transfer {
    const transfer = register.byRef(ref);
    if (!transfer) throw notFound();
    return transfer;
  }

  function halt({ blob, way }: Transfer, state: 'paused' | 'cancelled'): void {
    way.motion.stop();
    roster.enter(blob, state);
    for (const { serving } of peers?.sessions() ?? []) serving.withdraw(blob);
  }

  function allHeld(blob: BlobId, from: number, to: number): boolean {
    for (let index = from; index < to; index++) if (!vault.holds(blob, index)) return false;
    return true;
  }

  return {
    start,
    async pause(ref) {
      const transfer = listed(ref);
      if (transfer.record.state === 'wanted') halt(transfer, 'paused');
    },
    async cancel(ref) {
      const transfer = listed(ref);
      if (transfer.record.state === 'done' || transfer.record.state === 'cancelled') return;
      halt(transfer, 'cancelled');
      if (transfer.way.direction === 'in') await vault.remove(transfer.blob);
    },
    list: () =>
      register
        .all()
        .flatMap((transfer) => transfer.view() ?? [])
        .sort(newestFirst),
    viewOf: (ref) => register.byRef(ref)?.view() ?? null,
    clear() {
      for (const { blob, record } of register.all()) {
        if (!['done', 'failed', 'cancelled'].includes(record.state)) continue;
        if (record.state === 'failed') roster.enter(blob, 'cancelled');
        register.remove(blob);
      }
    },
    freed(blob) {
      const known = register.get(blob)?.record;
      if (known?.direction === 'in' && known.state === 'done') roster.enter(blob, 'cancelled');
    },
    unlist: (blob) => register.remove(blob),
    async hurry(blob, from, length) {
      const state = vault.state(blob);
      const ref = register.get(blob)?.ref ?? table.get(blob)?.ref ?? table.refOf(blob);
      if (!state || !ref) throw notFound();
      const run = {
        from: Math.floor(from / chunkFormat.plainBytes),
        to: Math.min(state.chunks, Math.floor((from + Math.max(1, length) - 1) / chunkFormat.plainBytes) + 1),
      };
      if (allHeld(blob, run.from, run.to)) return;
      const record = register.get(blob)?.record ?? table.get(blob);
      if (record?.state === 'paused') throw paused();
      if (record?.state !== 'wanted' || record.direction !== 'in') await start(ref);
      await roster.incoming(blob)?.hurry(run);
    },
  };
}

/** Ids of messages are in the order of time. */
function newestFirst({ ref: one }: TransferView, { ref: other }: TransferView): number {
  if (one.message === other.message) return one.item - other.item;
  return one.message < other.message ? 1 : -1;
}

function notFound(): ParleyError {
  return new ParleyError('not_found', { message: 'This file is not in the history of this computer any more.' });
}

function paused(): ParleyError {
  return new ParleyError('unreachable', { message: 'This file is paused. Go on with it to see it.' });
}
