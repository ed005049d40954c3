/** Everything that runs while somebody is logged in: the store, the connection, and what goes between them. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { GuestContract } from '../../../bridge/host-contract.ts';
import { limits, ParleyError, type ClientFrame, type Profile } from '../../../protocol/index.ts';
import { createAccountValues, type AccountValues } from '../account-values/create-account-values.ts';
import { createConnection, type Connection } from '../connection/connection.ts';
import type { Welcome } from '../connection/link.ts';
import { askRelay } from '../connection/relay-check.ts';
import { createSessionApi, type SessionApi } from '../connection/relay-api.ts';
import { createChanges, type Changes } from '../messaging/changes.ts';
import { createCursorReporter, type CursorReporter } from '../messaging/cursor-reporter.ts';
import { createRelayTime, type RelayTime } from '../messaging/relay-time.ts';
import type { NewestFirst } from '../messaging/newest-first.ts';
import type { Sender } from '../messaging/sender.ts';
import { createPresenceWatch, type PresenceWatch } from '../presence/presence.ts';
import { createMedia, type Media } from '../media/create-media.ts';
import { rereadMessages } from '../messaging/reread.ts';
import { createTyping, type Typing } from '../presence/typing.ts';
import { createProof, type Proof } from '../proof/proof.ts';
import { guardTimers } from '../runtime/clock.ts';
import type { EventHub } from '../runtime/event-hub.ts';
import { createDeviceWatch, type DeviceWatch } from '../devices/device-watch.ts';
import { createSafekeeping, type Safekeeping } from '../safekeeping/safekeeping.ts';
import type { AccountRecord } from '../storage/profile-store.ts';
import type { Store } from '../storage/store.ts';
import { createIntake, type Intake } from './intake.ts';
import { folderOf } from './session.ts';
import type { WorkspaceOptions } from './workspace-options.ts';
import { beginSync } from './sync.ts';

export interface Workspace {
  readonly store: Store;
  readonly connection: Connection;
  readonly api: SessionApi;
  readonly sender: Sender;
  readonly newestFirst: Pick<NewestFirst, 'newest' | 'older'>;
  readonly reporter: CursorReporter;
  readonly changes: Changes;
  readonly presence: PresenceWatch;
  readonly typing: Typing;
  readonly media: Media;
  readonly accountValues: AccountValues;
  readonly devices: DeviceWatch;
  readonly proof: Proof;
  readonly safekeeping: Safekeeping;
  readonly relayTime: RelayTime;
  readonly pages: EventHub<EngineContract>;
  readonly guest: EventHub<GuestContract>;
  record(): AccountRecord;
  updateRecord(record: AccountRecord): void;
  /** Aborts when the workspace begins to close: what runs on its store is to stop. */
  readonly closing: AbortSignal;
  /** Lets go of the connection and the database, after what is in work is stored. */
  close(): Promise<void>;
}

export function openWorkspace(options: WorkspaceOptions): Workspace {
  const { deps, token, store, health, pages, guest, record } = options;
  const { clock, random, log, http } = deps;
  const { address, account } = record();
  const self = account.id;
  const api = createSessionApi(http, address, token);
  const relayTime = createRelayTime(clock, store.state);
  const storingClock = guardTimers(clock, (error) => intake.onStorageFault(error));
  const changes = createChanges(storingClock, store, pages, guest);

  /** The frames' way out, for the parts that exist before the connection does. */
  const send = (...frames: ClientFrame[]) => connection.send(...frames);
  const isUp = () => connection.isUp();
  const reporter = createCursorReporter({ store, self, clock: storingClock, random, isUp, send });
  const presence = createPresenceWatch({ pages, send });
  const typing = createTyping({ self, clock: storingClock, people: store.people, pages, isUp, send });
  const media: Media = createMedia({
    deps: { ...deps, clock: guardTimers(clock, onMediaFault) },
    folder: folderOf(deps.dataDir, record()),
    address,
    token,
    store,
    changes,
    pages,
    self,
    device: () => record().device,
    now: () => relayTime.now(),
    isUp,
    isOnline: (user) => presence.isOnline(user),
    send,
    look: (conversation) => intake.sender.look(conversation),
    onMoving: (moving) => guest.emit('transfers.moving', { moving }),
    onFault: onMediaFault,
  });
  const accountValues = createAccountValues({
    store,
    api,
    self,
    changes,
    settings: media.settings,
    onSettings() {
      pages.emit('media.settings-changed', media.settings.get());
      media.transfers.reconsider();
    },
    clock: storingClock,
    log,
    now: () => relayTime.now(),
    isUp,
    send: (conversation) => intake.sender.look(conversation),
    onFault: reportFault,
  });
  const devices = createDeviceWatch({ store, api, pages, guest, clock: storingClock, log, onFault: reportFault });
  const proof = createProof({
    store,
    clock: storingClock,
    random,
    log,
    self,
    device: () => record().device,
    now: () => relayTime.now(),
    send,
    loadDevices: () => api.devices(),
    onChanged: (status) => pages.emit('sync.changed', status),
    onFault(error) {
      log.error('proof.failed', {}, error);
      health.report(error);
    },
  });
  const safekeeping = createSafekeeping({
    folder: folderOf(deps.dataDir, record()),
    store,
    clock: storingClock,
    log,
    isBusy: () => connection.view().state === 'syncing',
    onChanged: (view) => pages.emit('safekeeping.changed', view),
    onDamaged: (error) => health.report(error),
  });
  const intake: Intake = createIntake({
    ...options,
    deps: { ...deps, clock: storingClock },
    media: media.intake,
    accountValues: accountValues.intake,
    proof,
    onDevices: () => devices.look(),
    onSignal(frame) {
      typing.take(frame);
      media.takeSignal(frame);
    },
    onUp() {
      media.up();
      accountValues.up();
      proof.up();
    },
    relayTime,
    changes,
    reporter,
    presence,
    typing,
    connection: () => connection,
    openDirect: api.openDirect,
    onOwnProfile: takeProfile,
  });

  const connection: Connection = createConnection({
    base: address,
    token,
    appVersion: deps.appVersion,
    generation: () => record().generation,
    confirmRelay: async () => assertSameRelay((await askRelay(http, address)).id, record()),
    clock,
    random,
    log,
    openSocket: deps.openSocket,
    events: {
      onWelcome,
      onFrames: (frames) => intake.receiver.push(frames),
      onDown,
      onChanged: (view) => pages.emit('connection.changed', view),
      onSessionEnded: options.onSessionEnded,
    },
  });

  function onWelcome(welcome: Welcome): void {
    assertSameRelay(welcome.relay.id, record());
    assertSameUser(welcome.user.id, record());
    try {
      store.transact(() => relayTime.learn(welcome.time));
      learnAccount(welcome);
      presence.up();
      devices.look();
      proof.welcome(welcome.features ?? []);
      const entriesPerFrame = Math.min(Math.max(1, welcome.limits.syncEntries), limits.syncEntries);
      beginSync({
        ...{ store, send, entriesPerFrame },
        conversations: intake.conversations,
        ahead: deps.sealer.opensAhead ?? false,
      });
    } catch (error) {
      intake.onStorageFault(error);
    }
  }

  function learnAccount(welcome: Welcome): void {
    const { relay, generation } = record();
    options.updateRecord({
      ...record(),
      relay: { ...relay, name: welcome.relay.name },
      generation: Math.max(generation, welcome.generation),
    });
    takeProfile(welcome.user);
  }

  function takeProfile({ username, displayName }: Profile): void {
    const before = record().account;
    if (before.username === username && before.displayName === displayName) return;
    options.updateRecord({ ...record(), account: { ...before, username, displayName } });
    store.transact(() => void store.people.save({ id: self, username, displayName }));
  }

  function onDown(): void {
    intake.reset();
    reporter.reset();
    presence.down();
    proof.down();
    typing.down();
    media.down();
  }

  function reportFault(error: unknown): void {
    log.warn('storage.failed', {}, error);
    health.report(error);
  }

  /** Files that cannot be stored are no reason to let the link go. */
  function onMediaFault(error: unknown): void {
    log.warn('media.storage_failed', {}, error);
    health.report(error);
  }

  const closing = new AbortController();
  const rereading = rereadMessages({
    store,
    sealer: deps.sealer,
    changes,
    accountValues: accountValues.intake,
    signal: closing.signal,
  }).catch(onMediaFault);

  connection.start();
  return {
    store,
    connection,
    api,
    sender: intake.sender,
    newestFirst: intake.newestFirst,
    reporter,
    changes,
    presence,
    typing,
    media,
    accountValues,
    devices,
    proof,
    safekeeping,
    relayTime,
    pages,
    guest,
    record,
    updateRecord: options.updateRecord,
    closing: closing.signal,
    async close() {
      connection.stop();
      intake.reset();
      await intake.idle();
      accountValues.stop();
      devices.stop();
      closing.abort();
      await proof.close();
      await safekeeping.close();
      await rereading;
      await media.close();
      changes.stop();
      store.close();
    },
  };
}

function assertSameRelay(found: string, { relay, address }: AccountRecord): void {
  if (found === relay.id) return;
  throw new ParleyError('different_relay', {
    message: `The relay at ${new URL(address).host} is not the one you logged in to. Ask its admin what happened; to use the new one, log out and log in again.`,
  });
}

/** Whatever a relay says, the history of one person never takes in what is another's. */
function assertSameUser(found: string, { account, address }: AccountRecord): void {
  if (found === account.id) return;
  throw new ParleyError('different_relay', {
    message: `The relay at ${new URL(address).host} takes this device for somebody else's. Log out, then log in again.`,
  });
}
