/** The values that all devices of the account share: set here, told to the others, taken from their messages. */
import {
  accountValueName,
  type AccountValue,
  type AccountValueKind,
  type ConversationId,
  type UserId,
} from '../../../protocol/index.ts';
import type { SessionApi } from '../connection/relay-api.ts';
import type { MediaSettingsKeeper } from '../media/settings.ts';
import type { Changes } from '../messaging/changes.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../storage/store.ts';
import type { AccountValueIntake } from './account-value-intake.ts';
import { createApplyValue, type Applied } from './apply-values.ts';
import { lostValues } from './lost-values.ts';
import { createMuteEnds } from './mute-ends.ts';
import { createOutgoingValues } from './outgoing-values.ts';
import { createOwnConversation } from './own-conversation.ts';
import { createSharedDrafts, type SharedDrafts } from './shared-drafts.ts';

export interface AccountValues {
  readonly intake: AccountValueIntake;
  readonly drafts: Pick<SharedDrafts, 'set' | 'rest'>;
  /** Stands at once, here, and goes to the other devices when it can. @param conversation null for a value about none. */
  set<K extends AccountValueKind>(kind: K, conversation: ConversationId | null, value: AccountValue<K> | null): void;
  /** The conversation with oneself, made where it must. @throws ParleyError when the relay cannot be reached. */
  notes(): Promise<ConversationId>;
  /** The connection is up and in sync. */
  up(): void;
  stop(): void;
}

interface AccountValuesDeps {
  readonly store: Store;
  readonly api: SessionApi;
  readonly self: UserId;
  readonly changes: Changes;
  readonly settings: MediaSettingsKeeper;
  /** The settings for files are others now. */
  readonly onSettings: () => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Relay time. */
  readonly now: () => number;
  readonly isUp: () => boolean;
  readonly send: (conversation: ConversationId) => void;
  /** Storing failed; what stands is written with the next start. */
  readonly onFault: (error: unknown) => void;
}

export function createAccountValues(deps: AccountValuesDeps): AccountValues {
  const { store, self, changes, clock, log, now, isUp } = deps;
  const apply = createApplyValue({ store, settings: deps.settings, now });
  const own = createOwnConversation({ store, api: deps.api, self, changes });
  const outgoing = createOutgoingValues({ store, own, clock, now, isUp, send: deps.send });
  const drafts = createSharedDrafts({ store, changes, clock, change });
  const mutes = createMuteEnds({ store, clock, now, apply: applyAgain });
  /** Applied in a transaction that the screens are told of afterwards. */
  const untold = new Set<Applied>();
  let stopped = false;
  // A history that was put together again after damage may show what is not true any more.
  try {
    store.transact(() => {
      for (const name of store.accountValues.names('')) apply(name);
    });
  } catch (error) {
    deps.onFault(error);
  }

  function tell(applied: Iterable<Applied>): void {
    for (const what of new Set(applied)) {
      if (what === 'media-settings') deps.onSettings();
      else if (what !== null) changes.conversation(what);
    }
  }

  function applyAgain(names: readonly string[]): void {
    if (names.length > 0) tell(store.transact(() => names.map(apply)));
  }

  function change(name: string, json: string | null): void {
    if (store.accountValues.get(name) === json) return;
    const applied = store.transact(() => {
      store.accountValues.change(name, json);
      return apply(name);
    });
    tell([applied]);
    outgoing.look();
  }

  async function openOwn(): Promise<void> {
    try {
      await own.open();
      if (!stopped) outgoing.look();
    } catch (error) {
      if (!stopped) log.warn('account-values.unopened', {}, error);
    }
  }

  return {
    drafts,
    intake: {
      store(conversation, { id, seq, user }, values) {
        if (user !== self || !store.conversations.isWithOneself(conversation)) return;
        for (const { name, value } of values) store.accountValues.learn({ name, value, seq, message: id });
        const names = [...values.map(({ name }) => name), ...store.accountValues.settle(id)];
        for (const name of new Set(names)) untold.add(apply(name));
      },
      stored() {
        tell(untold);
        untold.clear();
        mutes.settle();
        outgoing.look();
      },
      refused: (id) => outgoing.refused(id),
      rewound(conversation) {
        if (!store.conversations.isWithOneself(conversation)) return;
        store.transact(() => {
          for (const name of lostValues(store, conversation)) store.accountValues.sayAgain(name);
        });
        outgoing.look();
      },
    },
    set(kind, conversation, value) {
      change(accountValueName(kind, conversation), value === null ? null : JSON.stringify(value));
      if (kind === 'mute') mutes.settle();
    },
    notes: () => own.open(),
    up() {
      mutes.settle();
      drafts.shareAll();
      outgoing.up();
      if (own.id() === null) void openOwn();
    },
    stop() {
      stopped = true;
      drafts.stop();
      mutes.stop();
      outgoing.stop();
    },
  };
}
