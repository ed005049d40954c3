/** Puts together all that has to do with files while somebody is logged in. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { MediaRef, SendLimits, TransferView } from '../../../bridge/media-views.ts';
import {
  decodeSignalContent,
  encodeSignalContent,
  type ClientFrame,
  type ConversationId,
  type DeviceId,
  type FrameOf,
  type RelayFrame,
  type SignalContent,
  type UserId,
} from '../../../protocol/index.ts';
import { createBlobVault, type EngineVault } from '../blobs/create-blob-vault.ts';
import { createBlobClient } from '../connection/blob-client.ts';
import type { Changes } from '../messaging/changes.ts';
import type { EngineDeps } from '../options.ts';
import type { EventHub } from '../runtime/event-hub.ts';
import type { Store } from '../storage/store.ts';
import { createTransfers, type MediaFile, type SignalTarget } from '../transfers/create-transfers.ts';
import type { Transfers } from '../transfers/transfers.ts';
import { findFile } from './find-file.ts';
import { createGrants, type Grants } from './grants.ts';
import { createLetGo } from './let-go.ts';
import { createMediaIntake, type MediaIntake } from './media-intake.ts';
import { createMediaReader, type MediaReader } from './media-reader.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';
import { createPreparer, type Preparer } from './preparer.ts';
import { createSendLimits } from './send-limits.ts';
import { createMediaSettings, type MediaSettingsKeeper } from './settings.ts';
import { createStages, type Stages } from './stages.ts';

export interface Media {
  /** Of the account. */
  readonly folder: string;
  readonly vault: EngineVault;
  readonly transfers: Transfers;
  readonly grants: Grants;
  readonly stages: Stages;
  readonly outgoing: Outgoing;
  readonly preparer: Preparer;
  readonly intake: MediaIntake;
  readonly settings: MediaSettingsKeeper;
  readonly reader: MediaReader;
  /** Resolves once what an earlier run left is in order; nothing is read or staged before. */
  readonly ready: Promise<void>;
  /** Whether files travel right now. */
  isMoving(): boolean;
  limits(conversation: ConversationId): Promise<SendLimits>;
  takeSignal(frame: FrameOf<RelayFrame, 'signal'>): void;
  /** The connection to the relay is up and in sync, or gone. */
  up(): void;
  down(): void;
  close(): Promise<void>;
}

interface MediaDeps {
  /** Timers of the clock catch what storing throws. */
  readonly deps: EngineDeps;
  readonly folder: string;
  readonly address: string;
  readonly token: string;
  readonly store: Store;
  readonly changes: Changes;
  readonly pages: EventHub<EngineContract>;
  readonly self: UserId;
  readonly device: () => DeviceId;
  /** Relay time. */
  readonly now: () => number;
  readonly isUp: () => boolean;
  readonly isOnline: (user: UserId) => boolean;
  readonly send: (frame: ClientFrame) => void;
  readonly look: (conversation: ConversationId) => void;
  /** Files begin to travel, or none does any more. */
  readonly onMoving: (moving: boolean) => void;
  readonly onFault: (error: unknown) => void;
}

/** Fetches count their refs from 1: what is said about a signal must never be taken for the answer to one. */
const noAnswerWanted = 0;

export function createMedia(options: MediaDeps): Media {
  const { deps, folder, store, changes, pages, self, device, now, isUp, onFault } = options;
  const { clock, random, log, http, host } = deps;
  const settings = createMediaSettings(store.state);
  const vault = createBlobVault({ folder, store, clock, onFault });
  const relay = createBlobClient({ base: options.address, token: options.token, http, clock });
  const members = (conversation: ConversationId) => store.conversations.members(conversation);

  const transfers = createTransfers({
    self,
    device: device(),
    table: store.transfers,
    vault,
    relay,
    peers: host.peers ?? null,
    clock,
    random,
    log,
    now,
    settings: settings.get,
    find: (ref) => findSealed(store, ref),
    members,
    person: (user) => store.people.get(user),
    signal,
    onChanged: tellTransfers,
    onFault,
  });
  const outgoing = createOutgoing({ store, now, send: options.look, offer: (blob) => transfers.offer(blob) });
  const preparer = createPreparer({
    store,
    vault,
    outgoing,
    clock,
    log,
    onProgress: (views) => pages.emit('transfers.changed', views),
    onChanged({ conversation, id }) {
      changes.message(conversation, id);
      changes.conversation(conversation);
    },
    onFault,
  });
  const letGo = createLetGo({ store, vault, transfers, onFault });
  const intake = createMediaIntake({
    store,
    vault,
    transfers,
    letGo,
    settings,
    device,
    now,
    log,
    onFound: (conversation, message) => changes.message(conversation, message),
  });
  const limits = createSendLimits({
    relay,
    settings,
    hasPeers: host.peers !== undefined,
    clock,
    isUp,
    others: (conversation) => members(conversation).filter((user) => user !== self),
    isOnline: options.isOnline,
  });
  const stages = createStages(vault);

  function signal(conversation: ConversationId, content: SignalContent, target: SignalTarget = {}): void {
    const payload = new Uint8Array(encodeSignalContent(content));
    if (isUp()) options.send({ type: 'signal', ref: noAnswerWanted, conversation, payload, ...target });
  }

  let moving = false;

  function setMoving(now: boolean): void {
    if (now !== moving) options.onMoving(now);
    moving = now;
  }

  /** A file that came is here for good, which its message shows too. */
  function tellTransfers(views: TransferView[]): void {
    pages.emit('transfers.changed', views);
    setMoving(transfers.list().some(({ state }) => state === 'active'));
    for (const { direction, state, ref } of views) {
      if (direction === 'in' && state === 'done') changes.message(ref.conversation, ref.message);
    }
  }

  async function open(): Promise<void> {
    const waiting = outgoing.recall();
    await vault.open();
    for (const ref of waiting) await vault.expect(ref);
    preparer.look();
    letGo.look();
  }

  let closed = false;
  const ready = open().catch(onFault);
  store.messageViews.showTransfers(
    (ref, isPreparing) => (isPreparing ? preparer.viewOf(ref) : null) ?? transfers.viewOf(ref),
  );

  return {
    folder,
    vault,
    transfers,
    grants: createGrants(),
    stages,
    outgoing,
    preparer,
    intake,
    settings,
    reader: createMediaReader({ store, vault, transfers }),
    isMoving: () => moving,
    ready,
    limits,
    takeSignal({ conversation, user, device: sender, payload }) {
      const content = decodeSignalContent(payload);
      if (!content || content.kind === 'typing') return;
      transfers.takeSignal({ conversation, user, device: sender }, content);
    },
    up() {
      void ready.then(() => {
        if (!closed && isUp()) transfers.up();
      });
    },
    down: () => transfers.down(),
    async close() {
      closed = true;
      setMoving(false);
      await ready;
      await stages.close();
      await preparer.close();
      await letGo.close();
      await transfers.close();
      relay.close();
      await intake.idle();
      await vault.close();
    },
  };
}

function findSealed(store: Store, ref: MediaRef): MediaFile | null {
  const found = findFile(store, ref);
  return found?.ref ? { ...found.ref, name: found.name, kind: found.kind } : null;
}
