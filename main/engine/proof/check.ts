/** Looks at one conversation: is it the same here, on the relay and on the other devices? Puts right what differs here. */
import type { FaultView } from '../../../bridge/views.ts';
import { chainFormat, type ClientFrame, type ConversationId, type DeviceId } from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';
import type { Chains, Folded, Pace } from './chains.ts';
import { compareDevices, type DeviceWord } from './devices.ts';
import { sameLink, type ChainPoint } from './links.ts';
import { devicesDifferProblem, divergedProblem, relayBehindProblem } from './problems.ts';
import { refetch, type OnRepair } from './refetch.ts';
import { cannotVouch, linksBySeq, type Chained, type RelayAsks } from './relay-asks.ts';
import { sweep } from './sweep.ts';

export interface CheckDeps {
  readonly store: Pick<Store, 'chain' | 'conversations' | 'lost' | 'transact'>;
  readonly chains: Chains;
  readonly asks: RelayAsks;
  readonly device: () => DeviceId;
  readonly send: (frame: ClientFrame) => void;
}

export interface CheckOptions {
  /** Reads everything again from the first message on, instead of going on from what is remembered. */
  readonly thorough: boolean;
  /** The log may have gone back and grown again: its end is fetched anew, as far back as anything of it is another. */
  readonly inDoubt: boolean;
  readonly pace: Pace;
  readonly onRepair: OnRepair;
}

/** What came of it. */
export interface Finding {
  /** How far was looked. */
  readonly seq: number;
  readonly devices: readonly DeviceWord[];
  /** Null when all is the same. */
  readonly problem: FaultView | null;
}

type BrokenChain = Extract<Folded, { state: 'broken' }>;

/** Holes and differences that one check puts right, at most: a relay that says this and that must not keep it going. */
const maxRounds = 64;

/** @throws ParleyError when the relay cannot be asked, or refuses. */
export async function checkConversation(
  deps: CheckDeps,
  conversation: ConversationId,
  options: CheckOptions,
): Promise<Finding> {
  const { store, chains } = deps;
  if (options.thorough) await lookAgain(deps, conversation, options.pace);
  if (options.inDoubt) await fetchBack(deps, conversation, options.onRepair);
  for (let round = 0; round < maxRounds; round++) {
    const folded = await chains.fold(conversation, storedOf(store, conversation), options.pace);
    if (folded.state === 'broken') await fill(deps, conversation, folded, options.onRepair);
    else {
      const finding = await compare(deps, conversation, folded.point, options);
      if (finding) return finding;
    }
  }
  return { seq: storedOf(store, conversation), devices: [], problem: divergedProblem };
}

function storedOf({ conversations }: CheckDeps['store'], conversation: ConversationId): number {
  return conversations.position(conversation)?.stored ?? 0;
}

/** Compares with the relay and the others. @returns null when something was put right: it is worth another look. */
async function compare(
  deps: CheckDeps,
  conversation: ConversationId,
  point: ChainPoint,
  { pace, onRepair }: CheckOptions,
): Promise<Finding | null> {
  const { chains, asks } = deps;
  const answer = await asks.chain(conversation, point.seq > 0 ? [point.seq] : []);
  if (point.seq > answer.head) return { seq: point.seq, devices: [], problem: relayBehindProblem };
  if (isVouched(point, answer)) {
    signOff(deps, conversation, point, answer);
    return compareOthers(deps, conversation, point, answer, pace);
  }
  const { same } = await sweep({ asks, chains, conversation, upTo: point.seq, pace, onRepair });
  if (same) return null;
  // Not before: what is put right a moment later need not alarm the others.
  signOff(deps, conversation, point, answer);
  return { ...(await compareOthers(deps, conversation, point, answer, pace)), problem: divergedProblem };
}

/** What the relay told in place of missing messages is asked again: it may have them now. */
async function lookAgain({ store, chains }: CheckDeps, conversation: ConversationId, pace: Pace): Promise<void> {
  if (store.chain.base(conversation)) store.transact(() => store.chain.forgetFrom(conversation, 1));
  await chains.verify(conversation, pace);
}

/** Times are no part of the chain, and may be others though it is the same. */
async function fetchBack({ store, asks }: CheckDeps, conversation: ConversationId, onRepair: OnRepair): Promise<void> {
  const { checkpointEvery } = chainFormat;
  for (let to = storedOf(store, conversation); to > 0; to -= checkpointEvery) {
    const { mended } = await refetch(asks, conversation, Math.max(1, to - checkpointEvery + 1), to, onRepair);
    if (mended === 0) return;
  }
}

/** Puts in what is missing. Where the relay does not have it either, its link is where the proof begins. */
async function fill(
  { store, asks }: CheckDeps,
  conversation: ConversationId,
  { at, next }: BrokenChain,
  onRepair: OnRepair,
): Promise<void> {
  const { mended, lacks } = await refetch(asks, conversation, at, next - 1, onRepair);
  if (lacks === null && mended === 0) throw cannotVouch();
  if (lacks === null) return;
  const [link] = await asks.links(conversation, [lacks]);
  if (link) store.transact(() => store.chain.keep(conversation, { seq: lacks, link, told: true }));
}

/** Says what this device holds, unless the relay has just that word of it. */
function signOff(deps: CheckDeps, conversation: ConversationId, { seq, link }: ChainPoint, answer: Chained): void {
  const word = answer.devices.find(({ device }) => device === deps.device());
  if (seq === 0 || (word?.seq === seq && sameLink(word.link, link))) return;
  deps.send({ type: 'attest', heads: [{ conversation, seq, link }] });
}

/** @throws ParleyError `unavailable` when the relay leaves out what it was asked. */
function isVouched({ seq, link }: ChainPoint, { links }: Chained): boolean {
  if (seq === 0) return true;
  const theirs = linksBySeq(links).get(seq);
  if (!theirs) throw cannotVouch();
  return sameLink(theirs, link);
}

async function compareOthers(
  { store, chains, asks, device }: CheckDeps,
  conversation: ConversationId,
  point: ChainPoint,
  answer: Chained,
  pace: Pace,
): Promise<Finding> {
  const words = answer.devices.filter((word) => word.device !== device());
  const devices = await compareDevices({ asks, chains, conversation, point, pace }, words);
  const differing = devices.filter(({ state }) => state === 'different').length;
  // What was stored here while the relay held more than it does now stands behind its head, or is lost.
  const head = Math.max(answer.head, store.conversations.position(conversation)?.head ?? 0);
  const isBehind = store.lost.hasAny(conversation) || store.chain.nextSeq(conversation, head) !== null;
  const problem = isBehind ? relayBehindProblem : differing > 0 ? devicesDifferProblem(differing) : null;
  return { seq: point.seq, devices, problem };
}
