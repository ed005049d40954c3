/** One transfer of the list: its record on disk, and what moves it. */
import type { TransferState, TransferView } from '../../../bridge/media-views.ts';
import type { PersonView } from '../../../bridge/views.ts';
import type { UserId } from '../../../protocol/index.ts';
import type { TransferRecord } from '../storage/transfers-table.ts';
import type { Incoming } from './incoming.ts';
import type { Movement } from './motion.ts';
import type { Outgoing } from './outgoing.ts';
import type { Listed } from './register.ts';
import type { MediaFile } from './transfers-deps.ts';

export type Direction =
  { readonly direction: 'in'; readonly motion: Incoming } | { readonly direction: 'out'; readonly motion: Outgoing };

export interface Transfer extends Listed {
  record: TransferRecord;
  readonly way: Direction;
}

interface TransferDeps {
  readonly record: TransferRecord;
  readonly way: Direction;
  readonly find: () => MediaFile | null;
  readonly person: (user: UserId) => PersonView | null;
}

export function createTransfer({ record, way, find, person }: TransferDeps): Transfer {
  let file: MediaFile | null = null;
  return {
    blob: record.blob,
    ref: record.ref,
    record,
    way,
    view() {
      file ??= find();
      return file && viewOf(this.record, file, way.motion.movement(), person);
    },
  };
}

function viewOf(
  record: TransferRecord,
  { name, kind }: MediaFile,
  movement: Movement,
  person: (user: UserId) => PersonView | null,
): TransferView {
  const state = stateOf(record, movement);
  const moving = state === 'active';
  const done = state === 'done' ? record.bytes : Math.floor(movement.done);
  const speed = moving ? movement.bytesPerSecond : null;
  return {
    ref: record.ref,
    direction: record.direction,
    name,
    kind,
    state,
    done,
    bytes: record.bytes,
    bytesPerSecond: speed,
    msLeft: speed ? ((record.bytes - done) / speed) * 1_000 : null,
    path: moving || state === 'done' ? movement.path : null,
    waitingFor: state === 'waiting' ? movement.waitingFor.flatMap((user) => person(user) ?? []) : [],
    fault: state === 'failed' ? record.failure : state === 'waiting' ? movement.fault : null,
    updatedAt: record.updatedAt,
  };
}

function stateOf({ state }: TransferRecord, { active }: Movement): TransferState {
  if (state !== 'wanted') return state;
  return active ? 'active' : 'waiting';
}
