/** Takes in conversations and profiles as the relay tells them, and notices a relay that went back in time. */
import type { Conversation, ConversationId, FrameOf, Profile, RelayFrame, UserId } from '../../../protocol/index.ts';
import type { Position } from '../storage/conversations-table.ts';
import type { Store } from '../storage/store.ts';
import type { Batch } from './batch.ts';
import type { Changes } from './changes.ts';
import type { CursorReporter } from './cursor-reporter.ts';
import type { Gaps } from './gaps.ts';
import type { Track, Tracks } from './tracks.ts';

export interface ConversationIntake {
  take(frame: FrameOf<RelayFrame, 'conversations'>, batch: Batch): void;
  takeProfiles(profiles: readonly Profile[], batch: Batch): void;
  /** A sync begins: how far this device is in each conversation, which the relay is told. */
  beginSync(positions: readonly Position[]): void;
  /** The relay does not know a conversation that was told to it. @returns whether it was told in the running sync. */
  takeUnknown(conversation: ConversationId): boolean;
  isUnknown(conversation: ConversationId): boolean;
  /** It will not be known again. */
  giveUp(conversation: ConversationId): void;
  endSync(): void;
}

interface IntakeDeps {
  readonly store: Store;
  readonly self: UserId;
  readonly tracks: Tracks;
  readonly changes: Changes;
  readonly reporter: CursorReporter;
  readonly gaps: Gaps;
  readonly onOwnProfile: (profile: Profile) => void;
  /** The relay's log of a conversation ends before what this device holds. */
  readonly onRewound: (conversation: ConversationId) => void;
  /** The relay knows a conversation again that it did not know. */
  readonly onKnown: (conversation: ConversationId) => void;
  /** The relay's log of a conversation may be another than the one that this device holds. */
  readonly onDoubt: (conversation: ConversationId) => void;
}

export function createConversationIntake(deps: IntakeDeps): ConversationIntake {
  const { store, self, tracks, changes, reporter, gaps } = deps;
  /** The newest seqs that were held when the running sync began; empty outside of one. */
  let told = new Map<ConversationId, number>();
  /** Those that the relay did not know: when it knows one again, that one began anew. */
  const unknown = new Set<ConversationId>();

  function takeConversation(conversation: Conversation, batch: Batch): void {
    const { id, head } = conversation;
    const track = tracks.of(id) ?? tracks.begin(id, head);
    const rewound = head < (told.get(id) ?? (unknown.has(id) ? Math.max(track.prefix, track.ahead?.to ?? 0) : 0));
    const isKnownAgain = unknown.delete(id);
    if (rewound) rewind(conversation, track, batch);
    else track.head = Math.max(track.head, head);
    batch.write(() => {
      store.conversations.save(conversation);
      if (!rewound) return;
      store.conversations.recountUnread(id);
      store.conversations.settleActivity(id);
    });
    batch.touch(id, track);
    batch.effect(() => {
      const own = conversation.cursors.find((cursor) => cursor.user === self);
      if (own) reporter.learn(id, own);
      reporter.note(id);
      changes.conversation(id);
      gaps.look(id);
      if (rewound) deps.onRewound(id);
      if (isKnownAgain) deps.onKnown(id);
      if (isOther(conversation)) deps.onDoubt(id);
    });
  }

  /** What stands behind the log's end is lost there: before the cursors are taken over, which tell what was read of it. */
  function rewind({ id, head, epoch }: Conversation, track: Track, batch: Batch): void {
    track.rewind(head);
    batch.write(() => {
      store.lost.rewind(id, head);
      store.conversations.rewind(id, { head, epoch });
    });
  }

  /** The log's newest message is not the one that this device has there: it went back in time and grew again. */
  function isOther({ id, head, activeAt }: Conversation): boolean {
    const time = told.has(id) ? store.messages.timeAt(id, head) : null;
    return time !== null && time !== activeAt;
  }

  function takeProfile(profile: Profile, batch: Batch): void {
    let outcome: ReturnType<typeof store.people.save> = 'same';
    batch.write(() => {
      outcome = store.people.save(profile);
    });
    batch.effect(() => {
      if (outcome !== 'changed') return;
      if (profile.id === self) deps.onOwnProfile(profile);
      for (const id of store.conversations.withMember(profile.id)) {
        changes.conversation(id);
        changes.reload(id);
      }
    });
  }

  return {
    take(frame, batch) {
      for (const profile of frame.profiles) takeProfile(profile, batch);
      for (const conversation of frame.conversations) takeConversation(conversation, batch);
    },
    takeProfiles(profiles, batch) {
      for (const profile of profiles) takeProfile(profile, batch);
    },
    beginSync(positions) {
      told = new Map(positions.map(({ id, stored, ahead }) => [id, Math.max(stored, ahead?.to ?? 0)]));
    },
    takeUnknown(conversation) {
      if (!told.has(conversation)) return false;
      unknown.add(conversation);
      return true;
    },
    isUnknown: (conversation) => unknown.has(conversation),
    giveUp: (conversation) => void unknown.delete(conversation),
    endSync() {
      told = new Map();
    },
  };
}
