/** Puts the parts of the transfers together. */
import type { TransferRecord } from '../storage/transfers-table.ts';
import { createActs } from './acts.ts';
import { createPacedSignals } from './paced-signals.ts';
import { createPeerPage } from './peer-page.ts';
import type { SessionHooks } from './peer-session.ts';
import { createPeers, type Peers } from './peers.ts';
import { createRegister } from './register.ts';
import { createRoster, isOffered, type Roster } from './roster.ts';
import { createSharing } from './sharing.ts';
import { createSignalHandlers } from './signal-handlers.ts';
import { defaultTiming, type TransferTiming } from './timing.ts';
import type { Transfer } from './transfer.ts';
import type { SignalOrigin, Transfers, TransferSignal } from './transfers.ts';
import type { TransfersDeps } from './transfers-deps.ts';
import { createWays } from './ways.ts';

export type { MediaFile, SignalTarget, TransfersDeps } from './transfers-deps.ts';

/** Nothing moves before `up`. */
export function createTransfers(deps: TransfersDeps, timing: TransferTiming = defaultTiming): Transfers {
  const { table, vault, relay, clock, random, log, settings } = deps;
  const register = createRegister<Transfer>({ clock, viewsMs: timing.viewsMs, onChanged: deps.onChanged });
  const sharing = createSharing(deps);
  const paced = createPacedSignals(clock);
  let isUp = false;
  let isClosed = false;
  /** The relay's admin wants no direct connections; asked again after the next reconnect. */
  let forbidden = false;

  const surroundings = {
    isUp: () => isUp,
    isDirectAllowed: () => deps.peers !== null && settings().path !== 'relay' && !forbidden,
  };
  const { isDirectAllowed } = surroundings;

  const hooks: SessionHooks = {
    mayServe: (user, blob) => isDirectAllowed() && sharing.isShared(blob) && sharing.mayHave(blob, user),
    onAsked: ({ user }, blob, have) => roster.outgoing(blob)?.taking(user, have),
    onServed: ({ user, source }, blob, bytes) => roster.outgoing(blob)?.served(user, source.path, bytes),
    onLeft: ({ user }, blob) => roster.outgoing(blob)?.left(user),
    onDone: ({ user }, blob) => roster.outgoing(blob)?.delivered(user),
    onLacking: (session, blob) => roster.incoming(blob)?.lacking(session),
  };

  const peers: Peers | null =
    deps.peers &&
    createPeers({
      ...{ vault, relay, clock, random, log, timing, hooks },
      self: deps.device,
      page: createPeerPage({ host: deps.peers, clock, log, idlePageMs: timing.idlePageMs }),
      signal: deps.signal,
      isAllowed: isDirectAllowed,
      isUp: surroundings.isUp,
      isWanted: (device) => roster.incomings().some((each) => each.wantsFrom(device)),
      isExpected: ({ conversation }) =>
        roster.all().some(({ record }) => isOffered(record) && record.ref.conversation === conversation),
      onSession(session) {
        for (const each of roster.incomings()) each.sessionOpened(session);
      },
      onLost(device, user) {
        for (const { way } of roster.all()) {
          if (way.direction === 'in') way.motion.sessionLost(device);
          else way.motion.left(user);
        }
      },
      onForbidden() {
        forbidden = true;
        reconsiderAll();
      },
    });

  const wayOf = createWays({
    ...{ deps, timing, paced, peers, ...surroundings },
    enter: (...change) => roster.enter(...change),
    onMoved: (blob) => register.moved(blob),
    onChanged: (blob) => register.changed(blob),
  });
  const roster: Roster = createRoster({ ...deps, register, wayOf });
  const acts = createActs({ ...deps, register, roster, peers, isClosed: () => isClosed, announce });
  const handlers = createSignalHandlers({ ...deps, register, sharing, peers, isDirectAllowed });

  /** Says to those who may have been away that a file is here; whoever has it answers so. */
  function announce(record: TransferRecord): void {
    const { blob, ref } = record;
    if (!isUp || !isOffered(record) || !isDirectAllowed() || !vault.state(blob)?.whole) return;
    paced.say(`held ${blob}`, () =>
      deps.signal(ref.conversation, { kind: 'blob-held', blob, whole: true }, { own: true }),
    );
  }

  function reconsiderAll(): void {
    for (const { way, record } of roster.all()) {
      way.motion.reconsider();
      announce(record);
    }
  }

  function dispatch<K extends TransferSignal['kind']>(
    kind: K,
    origin: SignalOrigin,
    content: Extract<TransferSignal, { kind: K }>,
  ): void {
    handlers[kind](origin, content);
  }

  return {
    ...acts,
    offer(blob) {
      const record = table.get(blob);
      if (!isClosed && record?.state === 'wanted') roster.adopt(record);
    },
    look() {
      if (!isClosed) roster.look();
    },
    takeSignal(origin, content) {
      if (!isClosed && origin.device !== deps.device) dispatch(content.kind, origin, content);
    },
    up() {
      isUp = true;
      forbidden = false;
      roster.look();
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
      isClosed = true;
      paced.clear();
      register.stop();
      for (const { way } of roster.all()) way.motion.stop();
      peers?.stop();
      relay.close();
    },
  };
}
