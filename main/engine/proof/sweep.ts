/**
 * Puts a conversation right whose link differs from the relay's: halving over the checkpoints finds the first 256 messages
 * that differ, they are fetched again, and from there on one block is compared after the other.
 */
import { chainFormat, limits, type ConversationId } from '../../../protocol/index.ts';
import type { Chains, Pace } from './chains.ts';
import { firstDifference } from './first-difference.ts';
import { sameLink, type Link } from './links.ts';
import { refetch, type OnRepair } from './refetch.ts';
import type { RelayAsks } from './relay-asks.ts';

export interface SweepOptions {
  readonly asks: RelayAsks;
  readonly chains: Chains;
  readonly conversation: ConversationId;
  /** Where the links differ; folded already. */
  readonly upTo: number;
  readonly pace: Pace;
  readonly onRepair: OnRepair;
}

/** `same`: all blocks have the relay's links now, or something else was stored meanwhile and it is worth looking again. */
export async function sweep(options: SweepOptions): Promise<{ readonly same: boolean }> {
  const { asks, chains, conversation, upTo } = options;
  const ends = blockEnds(chains.from(conversation) - 1, upTo);
  const compare = async (seqs: readonly number[]) => {
    const theirs = await asks.links(conversation, seqs);
    return seqs.map((seq, place) => isSame(chains.pointAt(conversation, seq)?.link, theirs[place]));
  };
  const first = await firstDifference(ends, limits.chainEntries, compare);
  for (let place = first; place < ends.length; place += limits.chainEntries) {
    const part = ends.slice(place, place + limits.chainEntries);
    const theirs = await asks.links(conversation, part);
    for (const [index, end] of part.entries()) {
      const from = (ends[place + index - 1] ?? chains.from(conversation) - 1) + 1;
      if (!(await mendBlock(options, { from, end, link: theirs[index] }))) return { same: false };
    }
  }
  return { same: true };
}

interface Block {
  readonly from: number;
  readonly end: number;
  /** The relay's, at the end. */
  readonly link: Link | undefined;
}

/** @returns whether the block has the relay's link now. */
async function mendBlock(
  { asks, chains, conversation, pace, onRepair }: SweepOptions,
  { from, end, link }: Block,
): Promise<boolean> {
  const holds = async () => {
    const folded = await chains.fold(conversation, end, pace);
    return folded.state === 'whole' && isSame(folded.point.link, link);
  };
  if (await holds()) return true;
  await refetch(asks, conversation, from, end, onRepair);
  return holds();
}

/** The last seqs of the blocks between two seqs: checkpoints, and the end. */
function blockEnds(after: number, upTo: number): number[] {
  const { checkpointEvery } = chainFormat;
  const ends: number[] = [];
  for (let end = after - (after % checkpointEvery) + checkpointEvery; end < upTo; end += checkpointEvery)
    ends.push(end);
  return upTo > after ? [...ends, upTo] : ends;
}

function isSame(own: Link | undefined, theirs: Link | undefined): boolean {
  return own !== undefined && theirs !== undefined && sameLink(own, theirs);
}
