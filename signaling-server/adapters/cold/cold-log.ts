/** A log whose oldest messages lie in segments: whoever reads or appends notices nothing but the time it takes. */
import type { ConversationId, Envelope, MessageId, UserId } from '../../../protocol/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ColdCatalogue, ColdSegment } from '../../ports/cold.ts';
import type { AppendOutcome, ConversationStore, LogStore, NewMessage } from '../../ports/store.ts';
import { leastIdAt, checkedAfterMs } from './old-ids.ts';
import type { SegmentReader } from './segment-reader.ts';

export interface ColdLogDeps {
  readonly log: LogStore;
  readonly conversations: Pick<ConversationStore, 'get'>;
  readonly catalogue: ColdCatalogue;
  readonly reader: SegmentReader;
  readonly clock: Clock;
}

type Range = Parameters<LogStore['read']>[1];

export function createColdLog({ log, conversations, catalogue, reader, clock }: ColdLogDeps): LogStore {
  /** What became of this message before, if it was archived; null when it was not. */
  async function archived({ conversation, id, user }: NewMessage): Promise<AppendOutcome | null> {
    const found = await findArchived(conversation, id);
    if (found === null) return null;
    const known = await conversations.get(conversation, user);
    if (known === null) return { state: 'refused', code: 'not_found' };
    if (found.user !== user) return { state: 'refused', code: 'message_id_taken' };
    const members: UserId[] = known.cursors.map((cursor) => cursor.user);
    return { state: 'repeated', seq: found.seq, time: found.time, members };
  }

  async function findArchived(conversation: ConversationId, id: MessageId): Promise<Envelope | null> {
    for (const segment of await catalogue.mayHold(conversation, id)) {
      for await (const block of (await reader.open(segment)).blocks()) {
        const found = block.find((message) => message.id === id);
        if (found) return found;
      }
    }
    return null;
  }

  return {
    ...log,
    async append(messages, now, lane) {
      const newest = leastIdAt(clock() - checkedAfterMs);
      if (messages.every(({ id }) => id >= newest)) return log.append(messages, now, lane);
      const known = await Promise.all(messages.map((message) => (message.id < newest ? archived(message) : null)));
      const fresh = messages.filter((_, at) => known[at] === null);
      const outcomes = fresh.length === 0 ? [] : await log.append(fresh, now, lane);
      let next = 0;
      return known.map((outcome) => outcome ?? present(outcomes[next++]));
    },

    async read(conversation, range) {
      const found: Envelope[] = [];
      let left = range;
      while (left.from <= left.to && left.limit > 0) {
        const hot = await log.read(conversation, left);
        const segment = hot[0]?.seq === left.from ? null : await catalogue.holding(conversation, left.from);
        const piece = segment === null ? hot : await archivedPiece(segment, left);
        // At least one message, but not one more than fits once there is one.
        const fitting = found.length === 0 ? piece : piece.slice(0, countWithin(piece, left.maxBytes));
        found.push(...fitting);
        if (segment === null || fitting.length < piece.length || fitting.length === 0) break;
        left = without(left, fitting);
      }
      return found;
    },
  };

  async function archivedPiece(segment: ColdSegment, { from, to, limit, maxBytes }: Range): Promise<Envelope[]> {
    const open = await reader.open(segment);
    return open.read(from, { count: Math.min(limit, to - from + 1), bytes: maxBytes });
  }
}

/** How many of them from the first on have at most so many bytes together. */
function countWithin(messages: readonly Envelope[], maxBytes: number): number {
  let bytes = 0;
  const tooMany = messages.findIndex(({ payload }) => (bytes += payload.byteLength) > maxBytes);
  return tooMany < 0 ? messages.length : tooMany;
}

/** What of a range is left behind these messages of its beginning. */
function without(range: Range, messages: readonly Envelope[]): Range {
  const bytes = messages.reduce((sum, { payload }) => sum + payload.byteLength, 0);
  return {
    from: (messages.at(-1)?.seq ?? range.from) + 1,
    to: range.to,
    limit: range.limit - messages.length,
    maxBytes: range.maxBytes - bytes,
  };
}

function present(outcome: AppendOutcome | undefined): AppendOutcome {
  if (outcome === undefined) throw new Error('the log answered fewer outcomes than it was given messages');
  return outcome;
}
