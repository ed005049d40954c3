/** What is typed here: kept at once, and told to the person's other devices when the typing rests. */
import { accountValueName, accountValueSchemas, type ConversationId } from '../../../protocol/index.ts';
import type { Changes } from '../messaging/changes.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Store } from '../storage/store.ts';
import { isShareable } from './outgoing-values.ts';

export interface SharedDrafts {
  /** An empty text takes the draft away: it was sent or given up, which the other devices hear at once. */
  set(conversation: ConversationId, text: string): void;
  /** The person stopped typing there. */
  rest(conversation: ConversationId): void;
  /** Tells of all drafts that are not being typed right now. */
  shareAll(): void;
  stop(): void;
}

interface DraftDeps {
  readonly store: Store;
  readonly changes: Changes;
  readonly clock: Clock;
  /** Makes a change of the account's. */
  readonly change: (name: string, json: string | null) => void;
}

const restMs = 3_000;
/** Whoever stopped typing may be about to send: then there is no draft to tell of. */
const leftMs = 500;

/**
 * From the first keystroke until the text is handed on, and from there until the log has it, what was typed here stands;
 * then whoever was last in the log. So nobody's text is taken from under their fingers, and all devices end with the same.
 */
export function createSharedDrafts({ store, changes, clock, change }: DraftDeps): SharedDrafts {
  const resting = new Map<ConversationId, () => void>();

  function share(conversation: ConversationId): void {
    resting.get(conversation)?.();
    resting.delete(conversation);
    const draft = store.drafts.unsharedOf(conversation);
    const json = draft && draftJson(draft.text);
    if (!json) return;
    store.transact(() => {
      store.drafts.setShared(conversation);
      change(accountValueName('draft', conversation), json.value);
    });
  }

  function shareIn(ms: number, conversation: ConversationId): void {
    resting.get(conversation)?.();
    resting.set(
      conversation,
      clock.after(ms, () => share(conversation)),
    );
  }

  return {
    set(conversation, text) {
      if (!store.transact(() => store.drafts.set(conversation, text))) return;
      changes.conversation(conversation);
      shareIn(text === '' ? 0 : restMs, conversation);
    },
    rest(conversation) {
      if (resting.has(conversation)) shareIn(leftMs, conversation);
    },
    shareAll() {
      for (const { conversation } of store.drafts.unshared()) if (!resting.has(conversation)) share(conversation);
    },
    stop() {
      for (const cancel of resting.values()) cancel();
      resting.clear();
    },
  };
}

/** Null for a text that is too long to be a message: it stays on this device. */
function draftJson(text: string): { value: string | null } | null {
  if (text === '') return { value: null };
  const draft = accountValueSchemas.draft.safeParse({ text });
  const value = draft.success ? JSON.stringify(draft.data) : null;
  return value !== null && isShareable(value) ? { value } : null;
}
