/** Proof of the same data (P6): compares every conversation with the relay and the other devices, and mends what differs. */
import type { SyncStatus } from '../../../bridge/views.ts';
import {
  milliseconds,
  type ClientFrame,
  type ConversationId,
  type Device,
  type DeviceId,
  type UserId,
} from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../storage/store.ts';
import type { Due } from './calendar.ts';
import { createChains, type Pace } from './chains.ts';
import { readDaily } from './daily.ts';
import { createDeviceNames } from './device-names.ts';
import { look } from './looks.ts';
import { cannotCheck, damagedProblem } from './problems.ts';
import { createQuiet, unlessStopped } from './quiet.ts';
import { createRelayAsks, type RelayAsks } from './relay-asks.ts';
import { betweenLooksMs, createRunner, type Again } from './runner.ts';
import { createStatuses, type Known } from './statuses.ts';

export interface Proof {
  /** Where the relay's answers go. */
  readonly answers: Pick<RelayAsks, 'isOurs' | 'takeChained' | 'takeMended' | 'refused'>;
  /** @param features of the relay's welcome. */
  welcome(features: readonly string[]): void;
  /** The connection is up and in sync. */
  up(): void;
  down(): void;
  /** Messages of this conversation were stored. */
  stored(conversation: ConversationId): void;
  /** The relay's log may be another than it was: it is compared soon after the sync. */
  doubt(conversation: ConversationId): void;
  /** What is known; where that is old, a look begins. */
  status(conversation: ConversationId): SyncStatus;
  /** Looks now, from the first message on. @throws ParleyError when the relay cannot be asked. */
  check(conversation: ConversationId): void;
  /** Resolves when nothing is read or written any more. */
  close(): Promise<void>;
}

export interface ProofOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly self: UserId;
  readonly device: () => DeviceId;
  /** Relay time. */
  readonly now: () => number;
  readonly send: (frame: ClientFrame) => void;
  readonly loadDevices: () => Promise<readonly Device[]>;
  readonly onChanged: (status: SyncStatus) => void;
  /** Reading or storing failed. */
  readonly onFault: (error: unknown) => void;
}

/** A relay that says so in its welcome answers `chain` and takes `attest`. */
const feature = 'chain';
/** What is known is shown without looking again for so long. */
const freshMs = milliseconds.minute;
/** After so long a conversation is compared again though nothing changed. */
const staleMs = milliseconds.day;
const afterSyncMs = 1_000;
const enteredAtOnce = 200;
/** Conversations that a person looked at last: their pages are told when the relay comes and goes. */
const watchedAtMost = 8;

export function createProof(options: ProofOptions): Proof {
  const { store, clock, random, log, now, onFault } = options;
  const chains = createChains(store);
  const quiet = createQuiet(clock);
  const watched = new Set<ConversationId>();
  const doubted = new Set<ConversationId>();
  /** What is looked at because it is in doubt: what is put right meanwhile is no doubt of its own. */
  let inDoubt: ConversationId | null = null;
  let hasChains = false;
  let isUp = false;
  let closed = false;

  const asks = createRelayAsks({ clock, isUp: () => isUp, send: options.send });
  const names = createDeviceNames({ clock, load: options.loadDevices, onChanged: tellWatched, onFault });
  const statuses = createStatuses({
    ...options,
    nameOf: (device) => names.of(device),
    relay: () => (!isUp ? 'away' : hasChains ? 'ready' : 'old'),
  });
  const lookDeps = { ...options, chains, asks, statuses, takeDoubt };
  const runner = createRunner({ clock, random, quiet, look: lookOnce, onFault });
  const daily = readDaily({ store, chains, quiet, now, onRead, onFault });

  async function lookOnce(due: Due, pace: Pace): Promise<Again | null> {
    try {
      return await look(lookDeps, due, pace);
    } finally {
      inDoubt = null;
    }
  }

  function takeDoubt(conversation: ConversationId): boolean {
    const was = doubted.delete(conversation);
    if (was) inDoubt = conversation;
    return was;
  }

  /** May come while the history is let go because it broke. */
  function tellWatched(): void {
    try {
      for (const conversation of closed ? [] : watched) statuses.tell(conversation);
    } catch (error) {
      onFault(error);
    }
  }

  function watch(conversation: ConversationId): void {
    watched.delete(conversation);
    watched.add(conversation);
    const [oldest] = watched;
    if (watched.size > watchedAtMost && oldest) watched.delete(oldest);
  }

  const isOlder = ({ checkedAt }: Known, ms: number) => checkedAt === null || Math.abs(now() - checkedAt) >= ms;
  const isBehind = (conversation: ConversationId, { seq }: Known) =>
    seq !== store.conversations.position(conversation)?.stored;

  /** The newest conversations first, one after the other. There may be thousands. */
  async function enterAll(): Promise<void> {
    let afterMs = afterSyncMs;
    for (const [place, { id }] of store.conversations.positions().entries()) {
      if (place % enteredAtOnce === 0) await quiet.turn();
      const known = statuses.known(id);
      if (known.state === 'same' && !doubted.has(id) && !isBehind(id, known) && !isOlder(known, staleMs)) continue;
      runner.enter(id, { afterMs, isSecond: false });
      afterMs += betweenLooksMs;
    }
  }

  /** A conversation was read through by the daily look. */
  function onRead(conversation: ConversationId, asRemembered: boolean): void {
    const known = statuses.known(conversation);
    if (!asRemembered) {
      log.error('sync.damage_found', { conversation });
      statuses.learn(conversation, { ...known, state: 'different', problem: damagedProblem });
    }
    if (!asRemembered || isOlder(known, staleMs)) runner.enter(conversation, { afterMs: 0, isSecond: false });
  }

  return {
    answers: asks,
    welcome(features) {
      hasChains = features.includes(feature);
    },
    up() {
      isUp = true;
      if (hasChains) {
        runner.begin();
        void enterAll().catch(unlessStopped(onFault));
      }
      tellWatched();
    },
    down() {
      isUp = false;
      runner.halt();
      asks.reset();
      statuses.rest();
      tellWatched();
    },
    stored(conversation) {
      quiet.disturb();
      runner.changed(conversation);
    },
    doubt(conversation) {
      if (conversation === inDoubt) return;
      doubted.add(conversation);
      runner.enter(conversation, { afterMs: afterSyncMs, isSecond: false });
    },
    status(conversation) {
      watch(conversation);
      if (isUp) names.look();
      const known = statuses.known(conversation);
      if (isOlder(known, freshMs) || isBehind(conversation, known)) runner.ask(conversation, false);
      return statuses.view(conversation);
    },
    check(conversation) {
      if (!isUp || !hasChains) throw cannotCheck(isUp);
      watch(conversation);
      statuses.work(conversation, { state: 'checking', repair: null });
      runner.ask(conversation, true);
    },
    async close() {
      closed = true;
      runner.halt();
      quiet.stop();
      asks.reset();
      await runner.idle();
      await daily;
    },
  };
}
