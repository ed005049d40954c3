/** The log beside a cache: what it says about a conversation that contradicts what is remembered, ends that. */
import type { AppendOutcome, LogStore } from '../../ports/store.ts';
import type { CacheParts } from './cached-store.ts';

export function createCachedLog(log: LogStore, { staleness }: Pick<CacheParts, 'staleness'>): LogStore {
  return {
    ...log,
    async append(messages, now, lane) {
      const outcomes = await log.append(messages, now, lane);
      for (const [index, outcome] of outcomes.entries()) {
        const conversation = messages[index]?.conversation;
        if (conversation !== undefined && isConflict(outcome)) staleness.drop(conversation);
      }
      return outcomes;
    },
  };
}

/** Its members are others than somebody thought. */
function isConflict(outcome: AppendOutcome): boolean {
  return outcome.state === 'refused' && (outcome.code === 'not_found' || outcome.code === 'stale_epoch');
}
