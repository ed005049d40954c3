/** Folds a conversation's log into its chain (protocol/chain.ts), a bounded piece at a time. */
import { hash } from 'node:crypto';
import {
  chainFormat,
  chainLink,
  chainStart,
  limits,
  ParleyError,
  type ConversationId,
  type Envelope,
} from '../../protocol/index.ts';
import type { Store } from '../ports/store.ts';

/** The link after the message of that seq. */
export interface ChainPoint {
  readonly seq: number;
  readonly link: Uint8Array;
}

export interface Folded {
  /** Where folding stopped. */
  readonly point: ChainPoint;
  /** Of the wanted seqs, those that were reached, in order. */
  readonly reached: ChainPoint[];
  /** Checkpoints that were passed, in order. */
  readonly checkpoints: ChainPoint[];
}

export interface Folder {
  /**
   * Goes on towards seqs that the log has, in order, from the nearest point known before the first: `from`, where others
   * got to, or a checkpoint. Takes about a millisecond, so none may be reached yet. Calls for one conversation must not
   * overlap. @throws ParleyError `storage_failed` when the log has a hole.
   */
  towards(
    conversation: ConversationId,
    from: ChainPoint | null,
    wanted: readonly [number, ...number[]],
  ): Promise<Folded>;
}

/** Messages and bytes of one piece. */
const piece = { limit: chainFormat.checkpointEvery / 2, maxBytes: limits.relayBatchBytes };
/** Conversations whose newest folded link is remembered, at about 300 bytes each. */
const remembered = 8_192;

export function createFolder({ chains, log }: Pick<Store, 'chains' | 'log'>): Folder {
  /** The least recently used first. */
  const newest = new Map<ConversationId, ChainPoint>();

  function remember(conversation: ConversationId, point: ChainPoint): void {
    const known = newest.get(conversation);
    newest.delete(conversation);
    newest.set(conversation, known && known.seq > point.seq ? known : point);
    const [oldest] = newest.keys();
    if (newest.size > remembered && oldest !== undefined) newest.delete(oldest);
  }

  async function nearest(conversation: ConversationId, from: ChainPoint | null, to: number): Promise<ChainPoint> {
    const points = [from, newest.get(conversation), await chains.checkpoint(conversation, to)];
    const usable = points.filter((point) => point !== null && point !== undefined && point.seq <= to) as ChainPoint[];
    const start = { seq: 0, link: firstLink(conversation) };
    return usable.reduce((best, point) => (point.seq > best.seq ? point : best), start);
  }

  return {
    async towards(conversation, from, wanted) {
      const [first] = wanted;
      const point = await nearest(conversation, from, first);
      if (point.seq === first) return { point, reached: [point], checkpoints: [] };
      const to = wanted.findLast((seq) => seq <= point.seq + piece.limit) ?? first;
      const messages = await log.read(conversation, { from: point.seq + 1, to, ...piece });
      const folded = foldMessages(point, messages, new Set(wanted));
      remember(conversation, folded.point);
      return folded;
    },
  };
}

/** @throws ParleyError `storage_failed` unless the messages follow the point, each the next. */
function foldMessages(start: ChainPoint, messages: readonly Envelope[], wanted: ReadonlySet<number>): Folded {
  const reached: ChainPoint[] = [];
  const checkpoints: ChainPoint[] = [];
  let point = start;
  if (messages.length === 0) throw brokenLog();
  for (const message of messages) {
    if (message.seq !== point.seq + 1) throw brokenLog();
    point = { seq: message.seq, link: nextLink(point.link, message) };
    if (wanted.has(point.seq)) reached.push(point);
    if (point.seq % chainFormat.checkpointEvery === 0) checkpoints.push(point);
  }
  return { point, reached, checkpoints };
}

/** The link before the first message. */
export function firstLink(conversation: ConversationId): Uint8Array {
  return sha256(chainStart(conversation));
}

/** @param previous the link of the message before. */
export function nextLink(
  previous: Uint8Array,
  message: Pick<Envelope, 'seq' | 'device' | 'id' | 'payload'>,
): Uint8Array {
  const { seq, device, id, payload } = message;
  return sha256(chainLink(previous, { seq, device, id, payloadHash: sha256(payload) }));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

function brokenLog(): ParleyError {
  return new ParleyError('storage_failed', {
    message: "The relay's log of this conversation is damaged. Its admin should run `parley-relay verify`.",
  });
}
