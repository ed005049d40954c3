/** Puts the parts of the transfers together, and carries out what people and signals ask of them. */
import type { MediaRef } from '../../../bridge/media-views.ts';
import { chunkFormat, ParleyError, type BlobId, type UserId } from '../../../protocol/index.ts';
import type { TransferFailure, TransferRecord, TransferRecordState } from '../storage/transfers-table.ts';
import { createIncoming, type Incoming } from './incoming.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';
import { createPacedSignals } from './paced-signals.ts';
import { createPeerPage } from './peer-page.ts';
import type { SessionHooks } from './peer-session.ts';
import { createPeers, type Peers } from './peers.ts';
import { createRegister } from './register.ts';
import { createSharing } from './sharing.ts';
import { createSignalHandlers } from './signal-handlers.ts';
import { createSlots } from './slots.ts';
import { defaultTiming, type TransferTiming } from './timing.ts';
import { createTransfer, type Direction, type Transfer } from './transfer.ts';
import type { SignalOrigin, Transfers, TransferSignal } from './transfers.ts';
import type { TransfersDeps } from './transfers-deps.ts';

export type { MediaFile, SignalTarget, TransfersDeps } from './transfers-deps.ts';

/** Files that go to the relay, or come from it, at the same time. */
const uploadsAtOnce = 3;
const fetchesAtOnce = 4;

/** Nothing moves before `up`. */
export function createTransfers(deps: TransfersDeps, timing: TransferTiming = defaultTiming): Transfers {
  const { self, table, vault, relay, clock, random, log, settings, members } = deps;
  const register = createRegister<Transfer>({ clock, viewsMs: timing.viewsMs, onChanged: deps.onChanged });
  const sharing = createSharing(deps);
  const paced = createPacedSignals(clock);
  const uploads = createSlots(uploadsAtOnce);
  const fetches = createSlots(fetchesAtOnce);
  let isUp = false;
  let closed = false;
  /** The relay's admin wants no direct connections; asked again after the next reconnect. */
  let forbidden = false;

  const isDirectAllowed = () => peers !== null && settings().path !== 'relay' && !forbidden;
  const relayUse = () => (settings().path === 'direct' ? 'small' : 'any');
  const all = () => register.all();
  const incomings = () => all().flatMap(({ way }) => (way.direction === 'in' ? [way.motion] : []));

  const hooks: SessionHooks = {
    mayServe: (user, blob) => isDirectAllowed() && sharing.isShared(blob) && sharing.mayHave(blob, user),
    onAsked: ({ user }, blob, have) => outgoing(blob)?.taking(user, have),
    onServed: ({ user, source }, blob, bytes) => outgoing(blob)?.served(user, source.path, bytes),
    onLeft: ({ user }, blob) => outgoing(blob)?.left(user),
    onDone: ({ user }, blob) => outgoing(blob)?.delivered(user),
    onLacking: (session, blob) => incoming(blob)?.lacking(session),
  };

  const peers: Peers | null =
    deps.peers &&
    createPeers({
      ...{ vault, relay, clock, random, log, timing, hooks, isDirectAllowed },
      self: deps.device,
      page: createPeerPage({ host: deps.peers, clock, log, idlePageMs: timing.idlePageMs }),
      signal: deps.signal,
      isAllowed: isDirectAllowed,
      isUp: () => isUp,
      isWanted: (device) => incomings().some((each) => each.wantsFrom(device)),
      isExpected: ({ conversation }) =>
        all().some(({ record }) => isOffered(record) && record.ref.conversation === conversation),
      onSession(session) {
        for (const each of incomings()) each.sessionOpened(session);
      },
      onLost(device, user) {
        for (const each of all()) {
          if (each.way.direction === 'in') each.way.motion.sessionLost(device);
          else each.way.motion.left(user);
        }
      },
      onForbidden() {
        forbidden = true;
        for (const { way } of all()) way.motion.reconsider();
      },
    });

  const handlers = createSignalHandlers({ ...deps, register, sharing, peers, isDirectAllowed });

  function outgoing(blob: BlobId): Outgoing | null {
    const way = register.get(blob)?.way;
    return way?.direction === 'out' ? way.motion : null;
  }

  function incoming(blob: BlobId): Incoming | null {
    const way = register.get(blob)?.way;
    return way?.direction === 'in' ? way.motion : null;
  }

  /** The others of a conversation; in one with oneself, oneself. */
  function receivers({ ref }: TransferRecord): UserId[] {
    const everybody = members(ref.conversation);
    const others = everybody.filter((user) => user !== self);
    return others.length > 0 ? others : everybody;
  }

  function enter(blob: BlobId, state: TransferRecordState, failure: TransferFailure | null = null): void {
    const transfer = register.get(blob);
    if (!transfer) return;
    const updatedAt = deps.now();
    table.setState(blob, state, failure, updatedAt);
    transfer.record = { ...transfer.record, state, failure, updatedAt };
    register.changed(blob);
  }

  function wayOf(record: TransferRecord): Direction {
    const { blob, ref, direction } = record;
    const common = {
      ...{ vault, relay, clock, random, timing, isDirectAllowed, relayUse },
      ref: record,
      conversation: ref.conversation,
      isUp: () => isUp,
      onMoved: () => register.moved(blob),
      onChanged: () => register.changed(blob),
    };
    if (direction === 'in') {
      const motion = createIncoming({
        ...common,
        peers,
        slots: fetches,
        sender: () => table.senderOf(ref),
        askAround: (conversation) =>
          paced.say(`wanted ${blob}`, () => deps.signal(conversation, { kind: 'blob-wanted', blob }, { own: true })),
        onWhole(devices) {
          enter(blob, 'done');
          for (const device of devices) peers?.session(device)?.done(blob);
        },
        onFault: deps.onFault,
      });
      return { direction, motion };
    }
    const motion = createOutgoing({
      ...common,
      slots: uploads,
      receivers: () => receivers(record),
      deliveries: table.deliveries(blob),
      onDelivered: (user) => table.addDelivery(blob, user),
      onPublished() {
        table.setPublished(blob, true);
        paced.say(`published ${blob}`, () =>
          deps.signal(ref.conversation, { kind: 'blob-published', blob }, { own: true }),
        );
      },
      onDone: () => enter(blob, 'done'),
      onFailed: (fault) => enter(blob, 'failed', { code: fault.code, message: fault.message }),
    });
    return { direction, motion };
  }

  /** Puts a record on the list, in place of what was there of its blob. */
  function adopt(record: TransferRecord): Transfer {
    register.get(record.blob)?.way.motion.stop();
    register.remove(record.blob);
    const find = () => deps.find(record.ref);
    const transfer = createTransfer({ record, way: wayOf(record), find, person: deps.person });
    register.add(transfer);
    if (record.state === 'wanted') transfer.way.motion.start();
    register.changed(record.blob);
    return transfer;
  }

  /** Takes up what stands on disk and is not on the list, or was revived. */
  function look(): void {
    if (closed) return;
    for (const record of table.unfinished()) {
      const known = register.get(record.blob);
      if (!known || (record.state === 'wanted' && known.record.state !== 'wanted')) adopt(record);
    }
  }

  const isOffered = ({ direction, state }: TransferRecord) => direction === 'out' && state === 'wanted';

  /** Says to those who may have been away that a file is here; whoever has it answers so. */
  function announce(record: TransferRecord): void {
    const { blob, ref } = record;
    if (!isUp || !isOffered(record) || !isDirectAllowed() || !vault.state(blob)?.whole) return;
    paced.say(`held ${blob}`, () => deps.signal(ref.conversation, { kind: 'blob-held', blob, whole: true }));
  }

  function reconsiderAll(): void {
    for (const { way, record } of all()) {
      way.motion.reconsider();
      announce(record);
    }
  }

  async function begin(ref: MediaRef): Promise<void> {
    const file = deps.find(ref);
    if (!file) throw notFound();
    const { blob } = file;
    const known = table.get(blob);
    const state = await vault.expect(file);
    if (closed || (!known && state.whole)) return;
    if (!known) table.add({ blob, direction: 'in', ref, now: deps.now() });
    else if (known.direction === 'out' && !state.whole) table.setDirection(blob, 'in');
    else if (known.state === 'wanted' && register.get(blob)) return;
    else if (known.direction === 'in' && state.whole) return;
    if (known) table.setState(blob, 'wanted', null, deps.now());
    const record = table.get(blob);
    if (!record) return;
    adopt(record);
    announce(record);
  }

  function listed(ref: MediaRef): Transfer {
    const transfer = register.byRef(ref);
    if (!transfer) throw notFound();
    return transfer;
  }

  function stopServing(blob: BlobId): void {
    for (const { serving } of peers?.sessions() ?? []) serving.withdraw(blob);
  }

  return {
    offer(blob) {
      const record = table.get(blob);
      if (closed || record?.state !== 'wanted') return;
      adopt(record);
    },
    look,
    start: begin,
    async pause(ref) {
      const { blob, way, record } = listed(ref);
      if (record.state !== 'wanted') return;
      way.motion.stop();
      enter(blob, 'paused');
      stopServing(blob);
    },
    async cancel(ref) {
      const { blob, way, record } = listed(ref);
      if (record.state === 'done' || record.state === 'cancelled') return;
      way.motion.stop();
      enter(blob, 'cancelled');
      stopServing(blob);
      if (way.direction === 'in') await vault.remove(blob);
    },
    list: () =>
      all()
        .flatMap((transfer) => transfer.view() ?? [])
        .sort((one, other) =>
          one.ref.message < other.ref.message
            ? 1
            : one.ref.message > other.ref.message
              ? -1
              : one.ref.item - other.ref.item,
        ),
    viewOf: (ref) => register.byRef(ref)?.view() ?? null,
    clear() {
      for (const { blob, record } of all()) {
        if (!['done', 'failed', 'cancelled'].includes(record.state)) continue;
        if (record.state === 'failed') enter(blob, 'cancelled');
        register.remove(blob);
      }
    },
    freed(blob) {
      const known = register.get(blob)?.record;
      if (known?.direction === 'in' && known.state === 'done') enter(blob, 'cancelled');
    },
    async hurry(blob, from, length) {
      const state = vault.state(blob);
      const ref = register.get(blob)?.ref ?? table.get(blob)?.ref ?? table.refOf(blob);
      if (!state || !ref) throw notFound();
      const run = {
        from: Math.floor(from / chunkFormat.plainBytes),
        to: Math.min(state.chunks, Math.floor((from + Math.max(1, length) - 1) / chunkFormat.plainBytes) + 1),
      };
      if (allHeld(blob, run.from, run.to)) return;
      const record = register.get(blob)?.record;
      if (record?.state === 'paused') throw paused();
      if (record?.state !== 'wanted' || record.direction !== 'in') await begin(ref);
      await incoming(blob)?.hurry(run);
    },
    takeSignal(origin, content) {
      if (closed || origin.device === deps.device) return;
      dispatch(content.kind, origin, content);
    },
    up() {
      isUp = true;
      forbidden = false;
      look();
      reconsiderAll();
    },
    down() {
      isUp = false;
      paced.clear();
      reconsiderAll();
    },
    reconsider() {
      if (!isDirectAllowed()) peers?.closeAll();
      reconsiderAll();
    },
    async close() {
      closed = true;
      paced.clear();
      register.stop();
      for (const { way } of all()) way.motion.stop();
      peers?.stop();
      relay.close();
    },
  };

  function allHeld(blob: BlobId, from: number, to: number): boolean {
    for (let index = from; index < to; index++) if (!vault.holds(blob, index)) return false;
    return true;
  }

  function dispatch<K extends TransferSignal['kind']>(
    kind: K,
    origin: SignalOrigin,
    content: Extract<TransferSignal, { kind: K }>,
  ): void {
    handlers[kind](origin, content);
  }
}

function notFound(): ParleyError {
  return new ParleyError('not_found', { message: 'This file is not in the history of this computer any more.' });
}

function paused(): ParleyError {
  return new ParleyError('unreachable', { message: 'This file is paused. Go on with it to see it.' });
}
