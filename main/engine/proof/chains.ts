/**
 * Folds what is stored of a conversation into its chain, in slices short enough that nothing else waits, and remembers a
 * link every 256 messages. A slice goes from one remembered link to the next within one turn of the event loop, so that
 * what is written meanwhile never gets into a link half.
 */
import { chainFormat, type ConversationId } from '../../../protocol/index.ts';
import type { Checkpoint } from '../storage/chain-table.ts';
import type { Store } from '../storage/store.ts';
import { chainAfter, chainOrigin, sameLink, type ChainPoint } from './links.ts';

/** Runs between two slices; rejects when the work is to end. */
export type Pace = () => Promise<void>;

export type Folded =
  | { readonly state: 'whole'; readonly point: ChainPoint }
  /** Messages that should be stored are not: from `at` up to the one before `next`. */
  | { readonly state: 'broken'; readonly at: number; readonly next: number };

export interface Chains {
  /** Folds up to a seq from the newest link that is remembered. */
  fold(conversation: ConversationId, upTo: number, pace: Pace): Promise<Folded>;
  /** The link at a seq that was folded already; null for one before the proof begins, or where messages are missing. */
  pointAt(conversation: ConversationId, seq: number): ChainPoint | null;
  /**
   * Folds everything anew and compares with what is remembered, which is forgotten from the first difference on.
   * @returns whether all was as remembered.
   */
  verify(conversation: ConversationId, pace: Pace): Promise<boolean>;
  /** The first message that the proof covers. */
  from(conversation: ConversationId): number;
}

const sliceMessages = 512;
/** A few long payloads take as long as many short ones. */
const sliceBytes = 1024 * 1024;

/** How far one slice came. `broken`: the message after the last point is not there. */
interface Slice {
  readonly points: readonly ChainPoint[];
  readonly broken: boolean;
}

export function createChains({ chain, transact }: Pick<Store, 'chain' | 'transact'>): Chains {
  function slice(conversation: ConversationId, after: ChainPoint, upTo: number): Slice {
    const points: ChainPoint[] = [];
    let point = after;
    let bytes = 0;
    for (const message of chain.messages(conversation, after.seq, upTo)) {
      if (message.seq !== point.seq + 1) break;
      point = chainAfter(point, message);
      points.push(point);
      bytes += message.payloadBytes;
      if (points.length >= sliceMessages || bytes >= sliceBytes) return { points, broken: false };
    }
    return { points, broken: point.seq < upTo };
  }

  const nearest = (conversation: ConversationId, seq: number): Checkpoint =>
    chain.checkpoint(conversation, seq) ?? { ...chainOrigin(conversation), told: false };

  /** What is worth remembering of a slice: the regular checkpoints, and where the next slice begins. */
  function remember(conversation: ConversationId, before: Checkpoint, points: readonly ChainPoint[]): void {
    transact(() => {
      if (before.seq > 0 && !isRegular(before) && !before.told) chain.forget(conversation, before.seq);
      for (const point of points) {
        if (isRegular(point) || point === points.at(-1)) chain.keep(conversation, { ...point, told: false });
      }
    });
  }

  function brokenAfter(conversation: ConversationId, seq: number, upTo: number): Folded {
    const next = Math.min(chain.nextSeq(conversation, seq) ?? upTo + 1, upTo + 1);
    return { state: 'broken', at: seq + 1, next };
  }

  /** Compares a slice with what is remembered of it. @returns where they differ first. */
  function firstWrong(conversation: ConversationId, after: ChainPoint, { points }: Slice): number | null {
    const bySeq = new Map(points.map(({ seq, link }) => [seq, link]));
    const remembered = chain.checkpoints(conversation, after.seq, points.at(-1)?.seq ?? after.seq);
    const wrong = remembered.find(({ seq, link }) => {
      const computed = bySeq.get(seq);
      return computed !== undefined && !sameLink(computed, link);
    });
    return wrong?.seq ?? null;
  }

  return {
    async fold(conversation, upTo, pace) {
      for (;;) {
        const before = nearest(conversation, upTo);
        if (before.seq === upTo) return { state: 'whole', point: before };
        const { points, broken } = slice(conversation, before, upTo);
        if (points.length > 0) remember(conversation, before, points);
        if (broken) return brokenAfter(conversation, points.at(-1)?.seq ?? before.seq, upTo);
        await pace();
      }
    },
    pointAt(conversation, seq) {
      let point: ChainPoint = nearest(conversation, seq);
      if (seq < (chain.base(conversation)?.seq ?? 0)) return null;
      while (point.seq < seq) {
        const { points, broken } = slice(conversation, point, seq);
        if (broken) return null;
        point = points.at(-1) ?? point;
      }
      return point;
    },
    async verify(conversation, pace) {
      let point: ChainPoint = chain.base(conversation) ?? chainOrigin(conversation);
      for (;;) {
        const upTo = chain.checkpoint(conversation, Number.MAX_SAFE_INTEGER)?.seq ?? 0;
        if (point.seq >= upTo) return true;
        const next = slice(conversation, point, upTo);
        const last = next.points.at(-1) ?? point;
        const wrong = firstWrong(conversation, point, next) ?? (next.broken ? last.seq + 1 : null);
        if (wrong !== null) {
          transact(() => chain.forgetFrom(conversation, wrong));
          return false;
        }
        point = last;
        await pace();
      }
    },
    from: (conversation) => (chain.base(conversation)?.seq ?? 0) + 1,
  };
}

function isRegular({ seq }: ChainPoint): boolean {
  return seq % chainFormat.checkpointEvery === 0;
}
