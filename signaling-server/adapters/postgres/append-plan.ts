/** Sorts a group of messages into what can be stored as far as the relay knows, and what it has to look into first. */
import type { ConversationId } from '../../../protocol/index.ts';
import type { NewMessage } from '../../ports/store.ts';
import type { ConversationRun } from './append-statement.ts';
import type { HeldMembers, MembersCache } from './members-cache.ts';

export interface PlannedRun extends ConversationRun {
  readonly held: HeldMembers;
}

export interface AppendPlan {
  /** By conversation id: what goes into the statement. */
  readonly runs: PlannedRun[];
  /** The conversation is not held, or the user is not among the members that are. */
  readonly strange: NewMessage[];
  /** Of another epoch than the one held. */
  readonly stale: NewMessage[];
  /** Ids that come a second time, each with the message of the runs that came first. */
  readonly twins: Map<NewMessage, NewMessage>;
}

/** @param messages in the order in which they are to be numbered. */
export function planAppend(messages: readonly NewMessage[], members: MembersCache): AppendPlan {
  const runs = new Map<ConversationId, PlannedRun>();
  const plan = { strange: [] as NewMessage[], stale: [] as NewMessage[], twins: new Map<NewMessage, NewMessage>() };
  const ids = new Set<string>();

  for (const message of messages) {
    const { conversation, id, user, epoch } = message;
    const held = members.get(conversation);
    if (!held?.users.includes(user)) {
      plan.strange.push(message);
      continue;
    }
    const run = runs.get(conversation);
    const twin = ids.has(id) ? run?.messages.find((other) => other.id === id) : undefined;
    if (twin) plan.twins.set(message, twin);
    else if (epoch !== held.epoch) plan.stale.push(message);
    else {
      ids.add(id);
      if (run) run.messages.push(message);
      else runs.set(conversation, { conversation, epoch: held.epoch, held, messages: [message] });
    }
  }
  const byConversation = (a: PlannedRun, b: PlannedRun): number => (a.conversation < b.conversation ? -1 : 1);
  return { ...plan, runs: [...runs.values()].sort(byConversation) };
}
