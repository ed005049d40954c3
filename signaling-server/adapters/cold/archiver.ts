/** Moves old messages from the log into segments: conversation by conversation, in the background, in steps that a crash cannot hurt. */
import { hash, randomBytes } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { milliseconds, type ConversationId, type Envelope } from '../../../protocol/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ColdCatalogue, ColdSegment, SegmentStorage } from '../../ports/cold.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import { firstLink, nextLink } from '../../relay/fold.ts';
import { leastColdMs, leastIdAt } from './old-ids.ts';
import { packSegment } from './segment-content.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { SegmentSealer } from './segment-sealer.ts';

export interface ArchiverDeps {
  /** The log as the store has it, without segments. */
  readonly store: Pick<Store, 'log' | 'chains'>;
  readonly catalogue: ColdCatalogue;
  readonly segments: SegmentStorage;
  readonly sealer: SegmentSealer;
  readonly reader: SegmentReader;
  readonly clock: Clock;
  readonly log: Log;
  /** How old messages are that are moved; less than a week counts as a week. */
  readonly coldAfterMs: number;
  readonly sizes?: Partial<SegmentSizes>;
}

export interface SegmentSizes {
  /** Fewer messages wait for more, unless they have `leastBytes`: a small object costs more than it saves. */
  readonly leastMessages: number;
  readonly leastBytes: number;
  readonly mostMessages: number;
  readonly mostBytes: number;
}

const usualSizes: SegmentSizes = {
  leastMessages: 256,
  leastBytes: 256 * 1024,
  mostMessages: 4_096,
  mostBytes: 4 * 1024 * 1024,
};

/**
 * Between noting a segment and taking its messages out of the log: longer than any append takes that looked for an
 * archived id before the segment was noted, so that at every moment the id is found in one of the two.
 */
const settleMs = 10 * milliseconds.minute;
/** Objects that no segment names this long after they were put were left by a node that died. */
const orphanMs = milliseconds.day;

/** Messages folded before others have their turn. */
const foldedAtOnce = 64;

export interface Archiver {
  /** Does what there is to do for one conversation now. @returns whether it did anything. */
  turn(conversation: ConversationId): Promise<boolean>;
}

export function createArchiver(deps: ArchiverDeps): Archiver {
  const { store, catalogue, segments, sealer, reader, clock, log, coldAfterMs } = deps;
  const sizes = { ...usualSizes, ...deps.sizes };

  async function packNext(conversation: ConversationId, last: ColdSegment | null): Promise<boolean> {
    const from = (last?.lastSeq ?? 0) + 1;
    const messages = await oldMessages(conversation, from);
    if (messages.length < sizes.leastMessages && bytesOf(messages) < sizes.leastBytes) return false;
    const [first, end] = [messages[0], messages.at(-1)];
    if (!first || !end) return false;
    const before = last?.link ?? firstLink(conversation);
    const link = await foldOn(conversation, before, messages);
    if (link === null) return false;
    await removeOrphans(conversation, first.seq);
    const object = nameOf(conversation, first.seq, end.seq);
    const sealed = sealer.seal(object, await packSegment({ conversation, before, link, messages }));
    await segments.put(object, sealed);
    const ids = messages.map(({ id }) => id).sort();
    const isOurs = await catalogue.note({
      conversation,
      firstSeq: first.seq,
      lastSeq: end.seq,
      object,
      bytes: sealed.byteLength,
      hash: hash('sha256', sealed, 'buffer'),
      link,
      leastId: ids[0] ?? first.id,
      greatestId: ids.at(-1) ?? end.id,
      notedAt: clock(),
    });
    if (!isOurs) await segments.remove(object);
    return isOurs;
  }

  /** From this seq on, as many as one segment takes; never the newest of the conversation. */
  async function oldMessages(conversation: ConversationId, from: number): Promise<Envelope[]> {
    const before = clock() - Math.max(coldAfterMs, leastColdMs);
    const isOld = ({ time, id }: Envelope): boolean => time < before && id < leastIdAt(before);
    const [oldest] = await store.log.read(conversation, { from, to: from, limit: 1, maxBytes: 1 });
    if (oldest === undefined || !isOld(oldest)) return [];
    const { mostMessages: limit, mostBytes: maxBytes } = sizes;
    const read = await store.log.read(conversation, { from, to: Number.MAX_SAFE_INTEGER, limit, maxBytes });
    const young = read.findIndex((message) => !isOld(message));
    const old = young < 0 ? read : read.slice(0, young);
    const after = (old.at(-1)?.seq ?? from) + 1;
    const more = await store.log.read(conversation, { from: after, to: after, limit: 1, maxBytes: 1 });
    return more.length > 0 ? old : old.slice(0, -1);
  }

  /** @returns the link after the messages; null when a checkpoint has another: what is damaged stays, for `verify` to find. */
  async function foldOn(
    conversation: ConversationId,
    before: Uint8Array,
    messages: readonly Envelope[],
  ): Promise<Uint8Array | null> {
    const first = messages[0]?.seq ?? 0;
    const kept = await store.chains.checkpoints(conversation, first - 1, messages.length);
    const links = new Map(kept.map(({ seq, link }) => [seq, Buffer.from(link)]));
    let link = before;
    for (const message of messages) {
      link = nextLink(link, message);
      if (links.get(message.seq)?.equals(link) === false) {
        log.error('cold.not_archived', { conversation, seq: message.seq, reason: 'the chain leads elsewhere' });
        return null;
      }
      if (message.seq % foldedAtOnce === 0) await othersTurn();
    }
    return link;
  }

  async function removeOrphans(conversation: ConversationId, firstSeq: number): Promise<void> {
    for await (const { name, at } of segments.list(prefixOf(conversation, firstSeq))) {
      if (at < clock() - orphanMs) await segments.remove(name);
    }
  }

  /** Read back first: what goes from the log must be somewhere else for sure. */
  async function finish(segment: ColdSegment): Promise<boolean> {
    if (clock() - segment.notedAt < settleMs) return false;
    await reader.prove(segment);
    await catalogue.prune(segment.conversation, segment.firstSeq);
    log.info('cold.archived', { conversation: segment.conversation, from: segment.firstSeq, to: segment.lastSeq });
    return true;
  }

  return {
    async turn(conversation) {
      const last = await catalogue.last(conversation);
      return last === null || last.pruned ? packNext(conversation, last) : finish(last);
    },
  };
}

function bytesOf(messages: readonly Envelope[]): number {
  return messages.reduce((sum, { payload }) => sum + payload.byteLength, 0);
}

/** Spread by the conversation's random end, since its beginning is a time. */
function prefixOf(conversation: ConversationId, firstSeq: number): string {
  return `cold/${conversation.slice(-2)}/${conversation}/${firstSeq}-`;
}

/** New for each attempt, so that what a node that died left behind is never taken for something else. */
function nameOf(conversation: ConversationId, firstSeq: number, lastSeq: number): string {
  return `${prefixOf(conversation, firstSeq)}${lastSeq}.${randomBytes(8).toString('hex')}`;
}
