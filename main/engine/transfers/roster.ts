/** The transfers that are under way or were, as they stand on disk and as they move: puts them on the list, changes their states. */
import type { BlobId } from '../../../protocol/index.ts';
import type { TransferFailure, TransferRecord, TransferRecordState } from '../storage/transfers-table.ts';
import type { Incoming } from './incoming.ts';
import type { Outgoing } from './outgoing.ts';
import type { Register } from './register.ts';
import { createTransfer, type Direction, type Transfer } from './transfer.ts';
import type { TransfersDeps } from './transfers-deps.ts';

export interface Roster {
  all(): Transfer[];
  incoming(blob: BlobId): Incoming | null;
  incomings(): Incoming[];
  outgoing(blob: BlobId): Outgoing | null;
  /** Changes a state, on disk and on the list. */
  enter(blob: BlobId, state: TransferRecordState, failure?: TransferFailure): void;
  /** Puts a record on the list, in place of what was there of its blob; a wanted one begins. */
  adopt(record: TransferRecord): void;
  /** Takes up what stands on disk and is not on the list, or was revived. */
  look(): void;
}

interface RosterDeps extends Pick<TransfersDeps, 'table' | 'now' | 'find' | 'person'> {
  readonly register: Register<Transfer>;
  readonly wayOf: (record: TransferRecord) => Direction;
}

export function createRoster({ table, now, find, person, register, wayOf }: RosterDeps): Roster {
  function adopt(record: TransferRecord): void {
    register.get(record.blob)?.way.motion.stop();
    register.remove(record.blob);
    const transfer = createTransfer({ record, way: wayOf(record), find: () => find(record.ref), person });
    register.add(transfer);
    if (record.state === 'wanted') transfer.way.motion.start();
    register.changed(record.blob);
  }

  return {
    all: () => register.all(),
    incoming(blob) {
      const way = register.get(blob)?.way;
      return way?.direction === 'in' ? way.motion : null;
    },
    incomings: () => register.all().flatMap(({ way }) => (way.direction === 'in' ? [way.motion] : [])),
    outgoing(blob) {
      const way = register.get(blob)?.way;
      return way?.direction === 'out' ? way.motion : null;
    },
    enter(blob, state, failure) {
      const transfer = register.get(blob);
      if (!transfer) return;
      const updatedAt = now();
      table.setState(blob, state, failure ?? null, updatedAt);
      transfer.record = { ...transfer.record, state, failure: failure ?? null, updatedAt };
      register.changed(blob);
    },
    adopt,
    look() {
      for (const record of table.unfinished()) {
        const known = register.get(record.blob);
        if (!known || (record.state === 'wanted' && known.record.state !== 'wanted')) adopt(record);
      }
    },
  };
}

/** Whether somebody has yet to get this file from here. */
export function isOffered({ direction, state }: TransferRecord): boolean {
  return direction === 'out' && state === 'wanted';
}
