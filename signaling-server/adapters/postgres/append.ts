/**
 * Appends groups of messages, one group of a lane at a time. In the usual case that is one statement; what is rare (repeated ids,
 * changed members, unknown conversations, lost connections) takes more, and changes nothing about what is promised.
 */
import { ParleyError, type ConversationId } from '../../../protocol/index.ts';
import type { AppendOutcome, LogStore, NewMessage } from '../../ports/store.ts';
import { KeyedTurns } from '../../runtime/keyed-turns.ts';
import { planAppend, type PlannedRun } from './append-plan.ts';
import { appendRuns, type Bases } from './append-statement.ts';
import { sqlState } from './database-errors.ts';
import type { Act, AskLive, Database } from './database.ts';
import type { MembersCache } from './members-cache.ts';
import { appendOneByOne } from './one-by-one.ts';
import { findStored, type StoredMessage } from './stored-messages.ts';

interface Deps {
  readonly database: Database;
  readonly members: MembersCache;
  /** Hears how long each statement took, there and back. */
  readonly onStored: (ms: number) => void;
}

const act: Act = { name: 'log.append', repeatable: true };

/** Each round settles something or reads something anew; others would have to change members again and again. */
const maxRounds = 12;

export function createAppend(deps: Deps): LogStore['append'] {
  const turns = new KeyedTurns();
  return (messages, now, lane) => {
    const live = lane === undefined ? deps.database.live : deps.database.divided;
    return turns.run(`${lane ?? 'whole'}`, () => appendGroup({ ...deps, live }, messages, now));
  };
}

interface GroupDeps extends Deps {
  /** Over what the group is asked for. */
  readonly live: AskLive;
}

async function appendGroup(deps: GroupDeps, messages: readonly NewMessage[], now: number): Promise<AppendOutcome[]> {
  // Copies, so that each is told from the others, even if one is in the group twice.
  const group = createGroup(
    deps,
    messages.map((message) => ({ ...message })),
  );
  await group.begin();
  for (let round = 0; round < maxRounds; round++) {
    if (group.open().length === 0) return group.outcomes();
    await group.goOn(now);
  }
  const message = 'The members of a conversation change all the time. Try again in a moment.';
  throw new ParleyError('unavailable', { message, retryAfterMs: 1_000 });
}

function createGroup({ database, live, members, onStored }: GroupDeps, messages: readonly NewMessage[]) {
  const settled = new Map<NewMessage, AppendOutcome>();
  /** Conversations read for this group: what is held of them is not old. */
  const fresh = new Set<ConversationId>();
  /** A try may have been carried out without an answer. */
  let doubtful = false;

  const usersOf = ({ conversation }: NewMessage) => members.get(conversation)?.users ?? [];

  async function begin(): Promise<void> {
    const read = await members.ensure(new Set(messages.map(({ conversation }) => conversation)), live);
    read.forEach((id) => fresh.add(id));
  }

  async function refresh(conversations: Iterable<ConversationId>): Promise<void> {
    const ids = new Set(conversations);
    await members.load(ids, live);
    ids.forEach((id) => fresh.add(id));
  }

  const appendTo = database.engine.writesAcrossKeys ? appendRuns : appendOneByOne;

  /** @returns null when nothing was stored since something is not as the relay holds it. */
  function store(runs: readonly PlannedRun[], now: number): Promise<Bases | null> {
    return live(act, async (connection, again) => {
      doubtful ||= again;
      const since = performance.now();
      const bases = await appendTo(connection, runs, now);
      onStored(performance.now() - since);
      return bases;
    });
  }

  function find(wanted: readonly NewMessage[]): Promise<Map<NewMessage, StoredMessage>> {
    return live({ name: 'log.find', repeatable: true }, (connection) => findStored(connection, wanted, doubtful));
  }

  /**
   * What this very append stored without hearing of it counts as accepted. A message that is the same in all was told to
   * the members as it is, whoever stored it.
   */
  function settleStored(message: NewMessage, { seq, time, user, isSame }: StoredMessage): void {
    const known = { seq, time, members: usersOf(message) };
    if (user !== message.user) settled.set(message, { state: 'refused', code: 'message_id_taken' });
    else settled.set(message, { state: doubtful && isSame ? 'accepted' : 'repeated', ...known });
  }

  /** Membership and epochs were read anew before: who does not belong there does not, and old epochs are old. */
  async function settleOdd(strange: readonly NewMessage[], stale: readonly NewMessage[]): Promise<void> {
    for (const message of strange) settled.set(message, { state: 'refused', code: 'not_found' });
    if (stale.length === 0) return;
    const stored = await find(stale);
    for (const message of stale) {
      const known = stored.get(message);
      const epoch = members.get(message.conversation)?.epoch ?? 0;
      if (known) settleStored(message, known);
      else settled.set(message, { state: 'refused', code: 'stale_epoch', epoch });
    }
  }

  /** Some ids are in the log: those are settled, and the others go on. */
  async function settleKnown(runs: readonly PlannedRun[]): Promise<void> {
    const stored = await find(runs.flatMap((run) => run.messages));
    if (stored.size === 0) throw disagreement();
    stored.forEach((known, message) => settleStored(message, known));
  }

  function settleAccepted(runs: readonly PlannedRun[], { heads, times }: Bases): void {
    for (const [index, { messages: stored, held }] of runs.entries()) {
      let seq = heads[index] ?? 0;
      const time = times[index] ?? 0;
      for (const message of stored) settled.set(message, { state: 'accepted', seq: ++seq, time, members: held.users });
    }
  }

  function settleTwins(twins: ReadonlyMap<NewMessage, NewMessage>): void {
    for (const [message, first] of twins) {
      const outcome = settled.get(first);
      if (!outcome || outcome.state === 'refused') continue;
      if (first.user !== message.user) settled.set(message, { state: 'refused', code: 'message_id_taken' });
      else settled.set(message, { ...outcome, state: 'repeated' });
    }
  }

  const open = (): NewMessage[] => messages.filter((message) => !settled.has(message));

  async function goOn(now: number): Promise<void> {
    const { runs, strange, stale, twins } = planAppend(open(), members);
    const unread = [...strange, ...stale].map((message) => message.conversation).filter((id) => !fresh.has(id));
    if (unread.length > 0) return refresh(unread);
    await settleOdd(strange, stale);
    if (runs.length === 0) return;
    try {
      const bases = await store(runs, now);
      if (bases) settleAccepted(runs, bases);
      else await refresh(runs.map((run) => run.conversation));
    } catch (cause) {
      if (sqlState(cause) !== '23505') throw cause;
      await settleKnown(runs);
    }
    settleTwins(twins);
  }

  return {
    begin,
    open,
    goOn,
    outcomes: () => messages.flatMap((message) => settled.get(message) ?? []),
  };
}

function disagreement(): ParleyError {
  return new ParleyError('storage_failed', {
    message:
      "The relay's database does not agree with itself: a conversation has messages past its head. Its admin should run `parley-relay verify`.",
  });
}
