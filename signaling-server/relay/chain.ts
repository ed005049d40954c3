/** Answers a device that asks for links of a chain and for what devices signed off: a piece of work at a time. */
import { ParleyError, type ClientFrame, type FrameOf } from '../../protocol/index.ts';
import type { Attestations } from './attestations.ts';
import { createFolder, type ChainPoint } from './fold.ts';
import { errorFrame, refusals, say } from './frames-out.ts';
import { isAway } from '../runtime/is-away.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';

export type ChainFrame = FrameOf<ClientFrame, 'chain'>;

/** A device's question, and how far its answer is. */
export interface ChainAsk {
  readonly frame: ChainFrame;
  work: ChainWork | null;
}

interface ChainWork {
  readonly head: number;
  /** Seqs still to be told, in order. */
  readonly wanted: number[];
  readonly links: ChainPoint[];
  /** How far the log was folded. */
  at: ChainPoint | null;
  /** Checkpoints that were passed and are not kept yet. */
  passed: ChainPoint[];
}

/** Checkpoints of one commit. */
const keptAtOnce = 32;

/** @returns does one piece of the work, and says whether the device has its answer. */
export type AnswerChain = (session: OpenSession, ask: ChainAsk) => Promise<boolean>;

/** One piece at a time for all sessions together: so no two fold the same conversation at once. */
export function createChainAnswers({ store, log }: RelayParts, attestations: Attestations): AnswerChain {
  const folder = createFolder(store);

  async function begin({ user }: OpenSession, { conversation, seqs }: ChainFrame): Promise<ChainWork> {
    const known = await store.conversations.get(conversation, user);
    if (!known) throw new ParleyError('not_found', { message: refusals.not_found });
    const { head } = known;
    const wanted = [...new Set(seqs.map((seq) => (seq === 0 ? head : seq)))].filter((seq) => seq <= head);
    return { head, wanted: wanted.sort((a, b) => a - b), links: [], at: null, passed: [] };
  }

  async function advance({ conversation }: ChainFrame, work: ChainWork): Promise<void> {
    const [next, ...later] = work.wanted;
    if (next === undefined) return;
    const { point, reached, checkpoints } = await folder.towards(conversation, work.at, [next, ...later]);
    work.at = point;
    work.links.push(...reached);
    work.wanted.splice(0, reached.length);
    work.passed.push(...checkpoints);
    if (work.passed.length >= keptAtOnce) await keep(conversation, work);
  }

  /** What cannot be kept is computed again another time. */
  async function keep(conversation: ChainFrame['conversation'], work: ChainWork): Promise<void> {
    const { passed } = work;
    work.passed = [];
    if (passed.length === 0) return;
    await store.chains
      .keep(conversation, passed)
      .catch((error: unknown) => log.warn('chains.not_kept', { checkpoints: passed.length, error }));
  }

  return async (session, ask) => {
    const { ref, conversation } = ask.frame;
    try {
      const work = (ask.work ??= await begin(session, ask.frame));
      await advance(ask.frame, work);
      if (work.wanted.length > 0) return false;
      await keep(conversation, work);
      const devices = (await attestations.of(conversation)).map(({ user, device, seq, link, at }) => {
        return { user, device, seq, link, time: at };
      });
      say(session, { type: 'chained', ref, conversation, head: work.head, links: work.links, devices });
    } catch (cause) {
      if (!isAway(cause) && !(cause instanceof ParleyError && cause.code === 'not_found'))
        log.warn('chain.failed', { error: cause });
      say(session, errorFrame(cause instanceof ParleyError ? cause : internal(), { ref, conversation }));
    }
    return true;
  };
}

function internal(): ParleyError {
  return new ParleyError('internal', { message: 'The relay could not compare this conversation. Try again.' });
}
