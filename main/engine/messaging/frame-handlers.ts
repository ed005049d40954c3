/** What each frame of the relay does to this device: a complete map, one handler a type. */
import type { FrameOf, RelayFrame } from '../../../protocol/index.ts';
import type { Batch } from './batch.ts';
import type { ConversationIntake } from './conversation-intake.ts';
import type { CursorIntake } from './cursor-intake.ts';
import type { Gaps } from './gaps.ts';
import type { MessageIntake } from './message-intake.ts';
import type { NewestFirst } from './newest-first.ts';
import type { Sender } from './sender.ts';
import type { Proof } from '../proof/proof.ts';

/** Without those that the link keeps for itself. */
export type HandledFrame = Exclude<RelayFrame, { type: 'welcome' | 'pong' | 'goodbye' }>;

/** Called in the order the frames came; writes and effects go to the batch. */
export type FrameHandlers = {
  readonly [T in HandledFrame['type']]: (
    frame: Extract<HandledFrame, { type: T }>,
    batch: Batch,
  ) => void | Promise<void>;
};

interface HandlerDeps {
  readonly conversations: ConversationIntake;
  readonly messages: MessageIntake;
  readonly cursors: CursorIntake;
  readonly gaps: Gaps;
  readonly newestFirst: NewestFirst;
  readonly sender: Sender;
  readonly proof: Pick<Proof, 'answers' | 'stored'>;
  readonly onSyncing: (messages: number) => void;
  readonly onSynced: () => void;
  readonly onRefused: (frame: FrameOf<RelayFrame, 'refused'>) => void;
  readonly onPresence: (frame: FrameOf<RelayFrame, 'presence'>) => void;
  readonly onSignal: (frame: FrameOf<RelayFrame, 'signal'>) => void;
  readonly onDevices: () => void;
  readonly onError: (frame: FrameOf<RelayFrame, 'error'>) => void;
}

export function createFrameHandlers(deps: HandlerDeps): FrameHandlers {
  const { conversations, messages, cursors, gaps, newestFirst, sender, proof } = deps;
  return {
    conversations: (frame, batch) => conversations.take(frame, batch),
    profiles: (frame, batch) => conversations.takeProfiles(frame.profiles, batch),
    syncing(frame, batch) {
      batch.effect(() => deps.onSyncing(frame.messages));
    },
    synced(_frame, batch) {
      batch.effect(deps.onSynced);
    },
    deliver(frame, batch) {
      batch.effect(() => proof.stored(frame.conversation));
      return messages.deliver(frame, batch);
    },
    async fetched(frame, batch) {
      if (proof.answers.isOurs(frame.ref, frame.conversation)) {
        const mended = await messages.mend(frame, batch);
        return batch.effect(() => proof.answers.takeMended({ frame, mended }));
      }
      if (newestFirst.isOurs(frame.ref, frame.conversation)) {
        const whole = newestFirst.take(frame);
        if (whole) await messages.ahead(frame.conversation, whole.stretch, whole.messages, batch);
        return batch.effect(() => newestFirst.stored(frame));
      }
      batch.effect(() => gaps.settled(frame));
      batch.effect(() => proof.stored(frame.conversation));
      return messages.fetched(frame, gaps.asked(frame.ref, frame.conversation), batch);
    },
    chained(frame, batch) {
      batch.effect(() => proof.answers.takeChained(frame));
    },
    accepted(frame, batch) {
      batch.effect(() => proof.stored(frame.conversation));
      return messages.accepted(frame, batch);
    },
    refused(frame, batch) {
      batch.write(() => sender.storeRefusal(frame));
      batch.effect(() => deps.onRefused(frame));
    },
    cursors: (frame, batch) => cursors.take(frame, batch),
    presence(frame, batch) {
      batch.effect(() => deps.onPresence(frame));
    },
    signal(frame, batch) {
      batch.effect(() => deps.onSignal(frame));
    },
    devices(_frame, batch) {
      batch.effect(deps.onDevices);
    },
    unreachable() {},
    error(frame, batch) {
      batch.effect(() => deps.onError(frame));
    },
  };
}
