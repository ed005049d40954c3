/** Looks at one conversation and keeps what came of it: the same, different, put right, or not to be known now. */
import { errorTable, milliseconds, ParleyError, type ConversationId } from '../../../protocol/index.ts';
import type { Log } from '../runtime/log.ts';
import type { Due } from './calendar.ts';
import type { Pace } from './chains.ts';
import { checkConversation, type CheckDeps, type Finding } from './check.ts';
import { refusalProblem } from './problems.ts';
import type { Again } from './runner.ts';
import type { Known, Statuses } from './statuses.ts';

interface LookDeps extends CheckDeps {
  readonly statuses: Statuses;
  /** Relay time. */
  readonly now: () => number;
  readonly log: Log;
  /** Whether the relay may have gone back in time and come on again; asked once for each look. */
  readonly takeDoubt: (conversation: ConversationId) => boolean;
}

/** What differs and could not be put right, or could not be compared, is tried again. */
const againMs = 10 * milliseconds.minute;
/** The other devices had that long to come as far as this one. */
const othersMs = milliseconds.minute;

/** @returns when to look again by itself; null for no sooner than something changes. */
export async function look(deps: LookDeps, due: Due, pace: Pace): Promise<Again | null> {
  const { statuses, store, now } = deps;
  const { conversation, asked, thorough } = due;
  if (!store.conversations.has(conversation)) return null;
  const inDoubt = deps.takeDoubt(conversation);
  let mended = 0;
  if (asked) statuses.work(conversation, { state: 'checking', repair: null });
  function onRepair(count: number, inDoubt: number): void {
    mended += count;
    statuses.work(conversation, { state: 'repairing', repair: { done: mended, total: mended + inDoubt, at: now() } });
  }
  try {
    const finding = await checkConversation(deps, conversation, { thorough, inDoubt, pace, onRepair });
    return found(deps, due, finding, mended);
  } catch (error) {
    if (error instanceof ParleyError) return notFound(deps, due, error, mended);
    statuses.work(conversation, null);
    throw error;
  }
}

function found(deps: LookDeps, due: Due, { seq, devices, problem }: Finding, mended: number): Again | null {
  const { statuses, chains, now, log } = deps;
  const { conversation, isSecond } = due;
  if (problem || mended > 0) log.warn('sync.differed', { conversation, mended, code: problem?.code });
  statuses.learn(conversation, {
    state: problem ? 'different' : 'same',
    seq,
    from: chains.from(conversation),
    checkedAt: now(),
    devices: [...devices],
    repair: repairOf(deps, conversation, mended),
    problem,
  });
  // Where another device differs, that one is at work.
  const othersDiffer = problem?.code === 'device_differs';
  if (problem) return { afterMs: othersDiffer && !isSecond ? othersMs : againMs, isSecond: othersDiffer };
  const someLag = devices.some((word) => word.seq < seq);
  return someLag && !isSecond ? { afterMs: othersMs, isSecond: true } : null;
}

/** The relay could not be asked to the end. What was known to differ stays so. */
function notFound(deps: LookDeps, { conversation }: Due, error: ParleyError, mended: number): Again | null {
  const { statuses, log } = deps;
  const { code, message } = error;
  log.info('sync.not_checked', { conversation, code });
  const was = statuses.known(conversation);
  const difference = refusalProblem(error) ?? (was.state === 'different' ? was.problem : null);
  statuses.learn(conversation, {
    ...was,
    state: difference ? 'different' : 'unknown',
    repair: repairOf(deps, conversation, mended),
    problem: difference ?? { code, message },
  });
  return errorTable[error.code].retry ? { afterMs: Math.max(againMs, error.retryAfterMs ?? 0), isSecond: false } : null;
}

function repairOf({ statuses, now }: LookDeps, conversation: ConversationId, mended: number): Known['repair'] {
  return mended > 0 ? { done: mended, total: mended, at: now() } : statuses.known(conversation).repair;
}
