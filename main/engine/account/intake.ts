/** Joins the parts that take in frames: receiver, tracks, gaps, sender, and what they tell the rest. */
import type { FaultView } from '../../../bridge/views.ts';
import {
  ParleyError,
  type ClientFrame,
  type ConversationId,
  type FrameOf,
  type Profile,
  type RelayFrame,
} from '../../../protocol/index.ts';
import type { AccountValueIntake } from '../account-values/account-value-intake.ts';
import type { Connection } from '../connection/connection.ts';
import type { SessionApi } from '../connection/relay-api.ts';
import { announceArrivals } from '../messaging/arrivals.ts';
import { tellChange } from '../messaging/change-news.ts';
import type { Changes } from '../messaging/changes.ts';
import { createConversationIntake, type ConversationIntake } from '../messaging/conversation-intake.ts';
import { createCursorIntake } from '../messaging/cursor-intake.ts';
import type { CursorReporter } from '../messaging/cursor-reporter.ts';
import { createFrameHandlers } from '../messaging/frame-handlers.ts';
import { createGaps } from '../messaging/gaps.ts';
import { createLostConversations } from '../messaging/lost-conversations.ts';
import { createMessageIntake } from '../messaging/message-intake.ts';
import { createNewestFirst, type NewestFirst } from '../messaging/newest-first.ts';
import { createReceiver, type Receiver } from '../messaging/receiver.ts';
import type { RelayTime } from '../messaging/relay-time.ts';
import { createSendingAgain } from '../messaging/sending-again.ts';
import { createSender, type Sender } from '../messaging/sender.ts';
import { createTracks } from '../messaging/tracks.ts';
import type { PresenceWatch } from '../presence/presence.ts';
import type { MediaIntake } from '../media/media-intake.ts';
import type { Typing } from '../presence/typing.ts';
import type { Proof } from '../proof/proof.ts';
import { storageErrorFrom } from '../storage/faults.ts';
import { clearRestored, isRestored } from '../storage/restored-mark.ts';
import type { WorkspaceOptions } from './workspace-options.ts';

export interface Intake {
  readonly receiver: Receiver;
  readonly sender: Sender;
  readonly conversations: ConversationIntake;
  readonly newestFirst: Pick<NewestFirst, 'newest' | 'older'>;
  /** Storing failed: reports it and lets the link go, so that nothing is taken that is not kept. */
  onStorageFault(error: unknown): void;
  /** The link is gone. */
  reset(): void;
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>;
}

interface IntakeOptions extends WorkspaceOptions {
  readonly relayTime: RelayTime;
  readonly changes: Changes;
  readonly reporter: CursorReporter;
  readonly presence: PresenceWatch;
  readonly typing: Typing;
  readonly media: Pick<MediaIntake, 'store' | 'stored' | 'release' | 'offerAgain' | 'offered'>;
  readonly accountValues: AccountValueIntake;
  readonly proof: Pick<Proof, 'answers' | 'stored' | 'doubt'>;
  /** A signal of another device; whether it is one that typing or transfers know is theirs to say. */
  readonly onSignal: (frame: FrameOf<RelayFrame, 'signal'>) => void;
  /** The connection is up and in sync. */
  readonly onUp: () => void;
  /** The account's devices are others now. */
  readonly onDevices: () => void;
  readonly connection: () => Connection;
  readonly openDirect: SessionApi['openDirect'];
  readonly onOwnProfile: (profile: Profile) => void;
}

export function createIntake(options: IntakeOptions): Intake {
  const { deps, store, health, guest, record, changes, reporter, relayTime, typing } = options;
  const { clock, random, log, sealer } = deps;
  const self = record().account.id;
  const link = options.connection;
  const send = (...frames: ClientFrame[]) => link().send(...frames);
  const drop = (why: ParleyError) => link().drop(why);

  const tracks = createTracks(store);
  const sender = createSender({
    ...{ store, sealer, clock, random, log, send, drop },
    isUnknown: (conversation) => conversations.isUnknown(conversation),
    onFault: onStorageFault,
  });
  const gaps = createGaps({ tracks, clock, log, send, drop });
  const newestFirst = createNewestFirst({
    ...{ tracks, clock, log, send },
    opensAhead: sealer.opensAhead ?? false,
    isUp: () => link().isUp(),
    onFault: onStorageFault,
  });
  const again = createSendingAgain({
    store,
    sealer,
    changes,
    log,
    offerFile: options.media.offerAgain,
    onQueued(queued) {
      options.media.offered();
      for (const conversation of queued) sender.look(conversation);
    },
  });
  const lostConversations = createLostConversations({
    store,
    self,
    clock,
    log,
    open: options.openDirect,
    onGone(conversation) {
      conversations.giveUp(conversation);
      sender.look(conversation);
    },
    onOpened: (conversation, profiles) =>
      receiver.push([{ type: 'conversations', conversations: [conversation], profiles: [...profiles] }]),
    onFault: onStorageFault,
  });
  /** Counts links, for work that is begun with one and ends when that is gone. */
  let links = 0;
  const conversations = createConversationIntake({
    store,
    self,
    tracks,
    changes,
    reporter,
    gaps,
    onOwnProfile: options.onOwnProfile,
    onRewound(conversation) {
      changes.reload(conversation);
      options.accountValues.rewound(conversation);
      tellRewound();
      sendAgain();
    },
    onKnown(conversation) {
      // What was lost of it goes first.
      void again
        .run()
        .then(() => sender.look(conversation))
        .catch(onStorageFault);
    },
    onDoubt: (conversation) => options.proof.doubt(conversation),
  });
  const messages = createMessageIntake({
    store,
    sealer,
    self: () => ({ user: self, device: record().device }),
    tracks,
    changes,
    reporter,
    gaps,
    sender,
    media: options.media,
    accountValues: options.accountValues,
    onProgress: (count) => link().progress(count),
    onArrived(conversation, envelopes) {
      for (const { user } of envelopes) typing.arrived(conversation, user);
      if (!store.conversationViews.isMuted(conversation)) {
        announceArrivals({ store, relayTime, guest }, conversation, envelopes);
      }
    },
    onReplaced(conversation) {
      changes.reload(conversation);
      options.accountValues.rewound(conversation);
      tellRewound();
      sendAgain();
    },
    onDoubt: (conversation) => options.proof.doubt(conversation),
    onMended(conversation) {
      changes.reload(conversation);
      options.accountValues.rewound(conversation);
      sendAgain();
    },
    drop,
  });
  const cursors = createCursorIntake({ store, self, changes, reporter, onRead });
  const handlers = createFrameHandlers({
    conversations,
    messages,
    cursors,
    gaps,
    newestFirst,
    sender,
    proof: options.proof,
    onSyncing(count) {
      link().beginSync(count);
      if (!isRestored(store.state)) openSender();
    },
    onSynced() {
      settleRestored();
      conversations.endSync();
      lostConversations.reopen();
      gaps.open();
      link().finishSync();
      changes.flush();
      options.onUp();
    },
    onRefused,
    onPresence: (frame) => options.presence.take(frame.users),
    onSignal: options.onSignal,
    onDevices: options.onDevices,
    onError,
  });
  const receiver = createReceiver({
    store,
    tracks,
    handlers,
    pause: () => link().pause(),
    resume: () => link().resume(),
    onFault: onStorageFault,
  });

  /** What the device of the backup sent after it was made has come back by now: the rest is still to be sent. */
  function settleRestored(): void {
    if (!isRestored(store.state)) return;
    store.transact(() => clearRestored(store.state));
    openSender();
  }

  /** What the relay lost goes before all that was typed later. */
  function openSender(): void {
    if (!again.isDue()) return sender.open();
    const begun = links;
    void again
      .run()
      .then(() => {
        if (links === begun) sender.open();
      })
      .catch(onStorageFault);
  }

  function sendAgain(): void {
    if (again.isDue()) void again.run().catch(onStorageFault);
  }

  function onRead(conversation: ConversationId): void {
    if (store.conversationViews.unread(conversation) === 0) guest.emit('conversation.read', { conversation });
  }

  function onRefused(frame: FrameOf<RelayFrame, 'refused'>): void {
    const target = store.outbox.get(frame.id)?.target;
    if (target) tellChange({ store, changes }, frame.conversation, target);
    else changes.message(frame.conversation, frame.id);
    changes.conversation(frame.conversation);
    options.accountValues.refused(frame.id);
    sender.refused(frame);
  }

  function onError(frame: FrameOf<RelayFrame, 'error'>): void {
    log.warn('relay.error', { code: frame.code, conversation: frame.conversation });
    options.proof.answers.refused(frame);
    newestFirst.refused(frame);
    if (frame.ref !== undefined) gaps.refused(frame.ref, frame.code, frame.retryAfterMs);
    else if (frame.conversation !== undefined) onConversationError(frame.conversation, frame);
  }

  function onConversationError(
    conversation: ConversationId,
    { code, retryAfterMs }: FrameOf<RelayFrame, 'error'>,
  ): void {
    if (code === 'not_found' && conversations.takeUnknown(conversation)) lostConversations.note(conversation);
    else reporter.refused(conversation, code, retryAfterMs);
  }

  let toldRewound = false;

  function tellRewound(): void {
    log.warn('relay.rewound');
    if (toldRewound) return;
    toldRewound = true;
    options.notice(rewoundNotice);
  }

  function onStorageFault(error: unknown): void {
    log.error('intake.failed', {}, error);
    const isStorage = health.report(error);
    const known = storageErrorFrom(error);
    const code = isStorage && known instanceof ParleyError ? known : null;
    drop(
      code ?? new ParleyError('internal', { message: 'Something went wrong inside Parley. It tries again by itself.' }),
    );
  }

  return {
    receiver,
    sender,
    conversations,
    newestFirst,
    onStorageFault,
    async idle() {
      await receiver.idle();
      await again.idle();
    },
    reset() {
      links++;
      receiver.reset();
      sender.reset();
      gaps.reset();
      newestFirst.reset();
      lostConversations.reset();
      conversations.endSync();
    },
  };
}

const rewoundNotice: FaultView = {
  code: 'relay_rewound',
  message:
    'The relay was put back to an earlier state and lost some messages. Those you sent are being sent again. Those of others are kept here and marked until a device of theirs has sent them again.',
};
