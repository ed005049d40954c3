/** Takes in conversations and profiles as the relay tells them, and notices a relay that went back in time. */
import type { Conversation, ConversationId, FrameOf, Profile, RelayFrame, UserId } from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';
import type { Batch } from './batch.ts';
import type { Changes } from './changes.ts';
import type { CursorReporter } from './cursor-reporter.ts';
import type { Gaps } from './gaps.ts';
import type { Tracks } from './tracks.ts';

export interface ConversationIntake {
  take(frame: FrameOf<RelayFrame, 'conversations'>, batch: Batch): void;
  takeProfiles(profiles: readonly Profile[], batch: Batch): void;
  /** A sync begins: what this device says to hold. */
  beginSync(have: readonly { conversation: ConversationId; seq: number }[]): void;
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
}

export function createConversationIntake(deps: IntakeDeps): ConversationIntake {
  const { store, self, tracks, changes, reporter, gaps } = deps;
  /** What we told in the running sync; empty outside of one. */
  let told = new Map<ConversationId, number>();

  function takeConversation(conversation: Conversation, batch: Batch): void {
    const { id, head } = conversation;
    const track = tracks.of(id) ?? tracks.begin(id, head);
    const rewound = head < (told.get(id) ?? 0);
    if (rewound) track.rewind(head);
    else track.head = Math.max(track.head, head);
    batch.write(() => store.conversations.save(conversation));
    batch.touch(id, track);
    batch.effect(() => {
      const own = conversation.cursors.find((cursor) => cursor.user === self);
      if (own) reporter.learn(id, own);
      reporter.note(id);
      changes.conversation(id);
      gaps.look(id);
      if (rewound) deps.onRewound(id);
    });
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
    beginSync(have) {
      told = new Map(have.map(({ conversation, seq }) => [conversation, seq]));
    },
    endSync() {
      told = new Map();
    },
  };
}
