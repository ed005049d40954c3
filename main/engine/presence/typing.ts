/** Who types where: told to the others sparingly, and forgotten when they fall silent. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import {
  decodeSignalContent,
  encodeSignalContent,
  type ClientFrame,
  type ConversationId,
  type FrameOf,
  type RelayFrame,
  type UserId,
} from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { EventHub } from '../runtime/event-hub.ts';
import type { PeopleTable } from '../storage/people-table.ts';

export interface Typing {
  /** The person here types, or stopped. */
  set(conversation: ConversationId, typing: boolean): void;
  /** The person's message went out: whoever gets it knows that the typing is over. */
  sent(conversation: ConversationId): void;
  take(frame: FrameOf<RelayFrame, 'signal'>): void;
  /** A message of this user arrived, so they are done typing it. */
  arrived(conversation: ConversationId, user: UserId): void;
  down(): void;
}

interface TypingDeps {
  readonly self: UserId;
  readonly clock: Clock;
  readonly people: PeopleTable;
  readonly pages: EventHub<EngineContract>;
  readonly isUp: () => boolean;
  readonly send: (frame: ClientFrame) => void;
}

/** Fetches count their refs from 1: what is said about a signal must never be taken for the answer to one. */
const noAnswerWanted = 0;
const repeatMs = 2_800;
const forgetMs = 6_000;

export function createTyping({ self, clock, people, pages, isUp, send }: TypingDeps): Typing {
  /** When the others were last told that this person types. */
  const told = new Map<ConversationId, number>();
  const typers = new Map<ConversationId, Map<UserId, () => void>>();

  function tell(conversation: ConversationId, typing: boolean): void {
    const payload = new Uint8Array(encodeSignalContent({ kind: 'typing', typing }));
    send({ type: 'signal', ref: noAnswerWanted, conversation, payload });
  }

  function emit(conversation: ConversationId): void {
    const users = [...(typers.get(conversation)?.keys() ?? [])];
    pages.emit('typing.changed', { conversation, people: users.flatMap((user) => people.get(user) ?? []) });
  }

  function forget(conversation: ConversationId, user: UserId): void {
    const here = typers.get(conversation);
    const cancel = here?.get(user);
    if (!here || !cancel) return;
    cancel();
    here.delete(user);
    if (here.size === 0) typers.delete(conversation);
    emit(conversation);
  }

  function remember(conversation: ConversationId, user: UserId): void {
    const here = typers.get(conversation) ?? new Map<UserId, () => void>();
    typers.set(conversation, here);
    const cancelOld = here.get(user);
    cancelOld?.();
    here.set(
      user,
      clock.after(forgetMs, () => forget(conversation, user)),
    );
    if (!cancelOld) emit(conversation);
  }

  return {
    set(conversation, typing) {
      const last = told.get(conversation);
      if (!isUp() || (!typing && last === undefined)) return;
      if (typing && last !== undefined && clock.monotonic() - last < repeatMs) return;
      if (typing) told.set(conversation, clock.monotonic());
      else told.delete(conversation);
      tell(conversation, typing);
    },
    sent: (conversation) => void told.delete(conversation),
    take({ conversation, user, payload }) {
      const content = decodeSignalContent(payload);
      if (content?.kind !== 'typing' || user === self) return;
      if (content.typing) remember(conversation, user);
      else forget(conversation, user);
    },
    arrived: forget,
    down() {
      told.clear();
      for (const [conversation, here] of [...typers]) for (const user of [...here.keys()]) forget(conversation, user);
    },
  };
}
