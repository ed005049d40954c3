/** Makes what moves a transfer: fetching for one that comes in, handing out for one that goes out. */
import type { BlobId, UserId } from '../../../protocol/index.ts';
import type { TransferFailure, TransferRecord, TransferRecordState } from '../storage/transfers-table.ts';
import { createIncoming } from './incoming.ts';
import type { Surroundings } from './motion.ts';
import { createOutgoing } from './outgoing.ts';
import type { PacedSignals } from './paced-signals.ts';
import type { Peers } from './peers.ts';
import { createSlots } from './slots.ts';
import type { TransferTiming } from './timing.ts';
import type { Direction } from './transfer.ts';
import type { TransfersDeps } from './transfers-deps.ts';

export interface WaysDeps extends Surroundings {
  readonly deps: TransfersDeps;
  readonly timing: TransferTiming;
  readonly paced: PacedSignals;
  readonly peers: Peers | null;
  readonly enter: (blob: BlobId, state: TransferRecordState, failure?: TransferFailure) => void;
  readonly onMoved: (blob: BlobId) => void;
  readonly onChanged: (blob: BlobId) => void;
}

/** Files that go to the relay, or come from it, at the same time. */
const uploadsAtOnce = 3;
const fetchesAtOnce = 4;

export function createWays(options: WaysDeps): (record: TransferRecord) => Direction {
  const { deps, timing, paced, peers, enter, isUp, isDirectAllowed } = options;
  const { self, table, vault, relay, clock, random, members, signal } = deps;
  const uploads = createSlots(uploadsAtOnce);
  const fetches = createSlots(fetchesAtOnce);
  const relayUse = () => (deps.settings().path === 'direct' ? 'small' : 'any');

  /** The others of a conversation; in one with oneself, oneself. */
  function receivers({ ref }: TransferRecord): UserId[] {
    const everybody = members(ref.conversation);
    const others = everybody.filter((user) => user !== self);
    return others.length > 0 ? others : everybody;
  }

  const commonOf = (record: TransferRecord) => ({
    ...{ vault, relay, clock, random, timing, isUp, isDirectAllowed, relayUse },
    ref: record,
    conversation: record.ref.conversation,
    onMoved: () => options.onMoved(record.blob),
    onChanged: () => options.onChanged(record.blob),
  });

  function inward(record: TransferRecord): Direction {
    const { blob, ref } = record;
    const motion = createIncoming({
      ...commonOf(record),
      peers,
      slots: fetches,
      sender: () => table.senderOf(ref),
      askAround: (conversation) =>
        paced.say(`wanted ${blob}`, () => signal(conversation, { kind: 'blob-wanted', blob }, { own: true })),
      onWhole(devices) {
        enter(blob, 'done');
        for (const device of devices) peers?.session(device)?.done(blob);
      },
      onFault: deps.onFault,
    });
    return { direction: 'in', motion };
  }

  function outward(record: TransferRecord): Direction {
    const { blob, ref } = record;
    const motion = createOutgoing({
      ...commonOf(record),
      slots: uploads,
      receivers: () => receivers(record),
      deliveries: table.deliveries(blob),
      onDelivered: (user) => table.addDelivery(blob, user),
      onPublished() {
        table.setPublished(blob, true);
        paced.say(`published ${blob}`, () => signal(ref.conversation, { kind: 'blob-published', blob }, { own: true }));
      },
      onDone: () => enter(blob, 'done'),
      onFailed: (fault) => enter(blob, 'failed', { code: fault.code, message: fault.message }),
    });
    return { direction: 'out', motion };
  }

  return (record) => (record.direction === 'in' ? inward(record) : outward(record));
}
