/**
 * Once a day everything that is stored is folded anew, slowly and only in idle time, and compared with the links that are
 * remembered: so damage done to the database behind its back is found without the relay. Goes on where it stood after a
 * restart.
 */
import { z } from 'zod';
import { conversationIdSchema, milliseconds, timeSchema, type ConversationId } from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';
import type { Chains } from './chains.ts';
import { Stopped, type Quiet } from './quiet.ts';

interface DailyDeps {
  readonly store: Pick<Store, 'state' | 'conversations' | 'transact'>;
  readonly chains: Chains;
  readonly quiet: Quiet;
  /** Relay time. */
  readonly now: () => number;
  /** All of a conversation was read. @param asRemembered whether it was as it had been. */
  readonly onRead: (conversation: ConversationId, asRemembered: boolean) => void;
  /** Reading or storing failed; it is tried again later. */
  readonly onFault: (error: unknown) => void;
}

/** `after`: the last conversation that was read in this round, by id; null when the round is over. */
const roundSchema = z.object({ begunAt: timeSchema, after: conversationIdSchema.or(z.literal('')).nullable() });
type Round = z.infer<typeof roundSchema>;

const stateName = 'self-check';
const everyMs = milliseconds.day;
const lookMs = 10 * milliseconds.minute;
const betweenSlicesMs = 50;
const betweenConversationsMs = 500;

/** Resolves when the quiet is stopped. */
export async function readDaily({ store, chains, quiet, now, onRead, onFault }: DailyDeps): Promise<void> {
  const keep = (round: Round) => store.transact(() => store.state.set(stateName, round));

  /** The round to go on with; null when today's is over. A clock that was put back begins a new day. */
  function present(): Round | null {
    const round = store.state.get(stateName, roundSchema);
    if (!round) keep({ begunAt: now(), after: null });
    else if (round.after !== null) return round;
    else if (Math.abs(now() - round.begunAt) >= everyMs) return { begunAt: now(), after: '' };
    return null;
  }

  async function pace(): Promise<void> {
    await quiet.rest(betweenSlicesMs);
    await quiet.wait();
  }

  function nextAfter(after: string): ConversationId | null {
    const ids = store.conversations.positions().map(({ id }) => id);
    return ids.filter((id) => id > after).sort()[0] ?? null;
  }

  async function goOn({ begunAt, after }: Round): Promise<void> {
    for (let next = nextAfter(after ?? ''); next !== null; next = nextAfter(next)) {
      await pace();
      onRead(next, await chains.verify(next, pace));
      keep({ begunAt, after: next });
      await quiet.rest(betweenConversationsMs);
    }
    keep({ begunAt, after: null });
  }

  async function lookOnce(): Promise<void> {
    try {
      await quiet.wait();
      const round = present();
      if (round) await goOn(round);
    } catch (error) {
      if (error instanceof Stopped) throw error;
      onFault(error);
    }
  }

  try {
    for (;;) {
      await lookOnce();
      await quiet.rest(lookMs);
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
}
