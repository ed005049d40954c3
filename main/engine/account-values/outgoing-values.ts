/** Packs values that were changed here into messages to the account's other devices, one message at a time. */
import {
  createId,
  encodeContent,
  limits,
  type AccountContent,
  type ConversationId,
  type MessageId,
} from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { UnsentChange } from '../storage/account-values-table.ts';
import type { Store } from '../storage/store.ts';
import type { OwnConversation } from './own-conversation.ts';

export interface OutgoingValues {
  /** Something may be there to be sent. */
  look(): void;
  /** The relay did not take this message for good, whatever it is. */
  refused(id: MessageId): void;
  /** The link is up: what was begun before goes on, and what was refused alone may be tried once more. */
  up(): void;
  stop(): void;
}

interface OutgoingDeps {
  readonly store: Store;
  readonly own: OwnConversation;
  readonly clock: Clock;
  /** Relay time. */
  readonly now: () => number;
  readonly isUp: () => boolean;
  /** Tells the sender that something waits. */
  readonly send: (conversation: ConversationId) => void;
}

/** What is changed in quick succession goes out together. */
const gatherMs = 250;
/** Of one message's values, well within what a payload may hold. */
const valuesBytes = 64 * 1024;

/** Whether a value can be told to other devices at all. */
export function isShareable(json: string): boolean {
  return json.length <= limits.accountValueCharacters && Buffer.byteLength(json) <= valuesBytes;
}

/**
 * While there is no link, changes stay where they are and a later one of the same name takes an earlier one's place. A
 * message that is refused for good gives its values back; they are sent one by one then, so that one bad value holds up
 * no other.
 */
export function createOutgoingValues({ store, own, clock, now, isUp, send }: OutgoingDeps): OutgoingValues {
  const { accountValues, outbox } = store;
  let cancel: (() => void) | null = null;
  /** Messages of ours that wait in the outbox. */
  const waiting = new Set<MessageId>();

  /** Messages may have gone out, or been refused, when an earlier run ended. */
  function recover(): void {
    for (const { id, kind, state } of outbox.all()) {
      if (kind !== 'account') continue;
      if (state === 'failed') giveBack(id);
      else waiting.add(id);
    }
    for (const carrier of accountValues.carriers()) if (!waiting.has(carrier)) accountValues.release(carrier, false);
  }

  function giveBack(id: MessageId): void {
    outbox.remove(id);
    accountValues.release(id, true);
  }

  function isWaiting(): boolean {
    for (const id of waiting) if (!outbox.get(id)) waiting.delete(id);
    return waiting.size > 0;
  }

  function look(): void {
    cancel ??= clock.after(gatherMs, pack);
  }

  function pack(): void {
    cancel = null;
    const conversation = own.id();
    if (!conversation || !isUp() || isWaiting()) return;
    const values = nextValues(accountValues.unsent());
    if (values.length === 0) return;
    const id = createId<MessageId>();
    const content = encodeContent({ kind: 'account', values });
    store.transact(() => {
      outbox.add({ conversation, id, kind: 'account', content, text: null, replyTo: null, typedAt: now() });
      accountValues.carry(
        values.map(({ name }) => name),
        id,
      );
    });
    waiting.add(id);
    send(conversation);
  }

  return {
    look,
    refused(id) {
      const item = outbox.get(id);
      if (item?.kind !== 'account' || item.state !== 'failed') return;
      store.transact(() => giveBack(id));
      look();
    },
    up() {
      store.transact(() => {
        recover();
        accountValues.forgive();
      });
      look();
    },
    stop: () => cancel?.(),
  };
}

function nextValues(unsent: readonly UnsentChange[]): AccountContent['values'] {
  const taken: AccountContent['values'] = [];
  let bytes = 0;
  for (const { name, value, refused } of unsent) {
    if (refused > 0) continue;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value ?? '');
    if (taken.length > 0 && (bytes > valuesBytes || taken.length >= limits.accountValues)) break;
    taken.push({ name, value });
  }
  if (taken.length > 0) return taken;
  return unsent
    .filter(({ refused }) => refused === 1)
    .slice(0, 1)
    .map(({ name, value }) => ({ name, value }));
}
