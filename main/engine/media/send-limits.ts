/** What may be sent in a conversation right now, by the relay's limits, the settings and who is there. */
import type { SendLimits } from '../../../bridge/media-views.ts';
import {
  chunkFormat,
  limits,
  type ConversationId,
  type Ice,
  type MediaLimits,
  type UserId,
} from '../../../protocol/index.ts';
import type { BlobClient } from '../connection/blob-client.ts';
import type { Clock } from '../runtime/clock.ts';
import type { MediaSettingsKeeper } from './settings.ts';

interface SendLimitsDeps {
  readonly relay: Pick<BlobClient, 'limits' | 'ice'>;
  readonly settings: MediaSettingsKeeper;
  readonly hasPeers: boolean;
  readonly clock: Clock;
  readonly isUp: () => boolean;
  readonly others: (conversation: ConversationId) => UserId[];
  readonly isOnline: (user: UserId) => boolean;
}

/** What is sent meanwhile counts against the quota, so the answer soon grows old. */
const keptMs = 10_000;
/** A page that asks before sending must not wait long for a slow relay. */
const patienceMs = 3_000;

/** @returns answers `media.limits`; never fails because of the network. */
export function createSendLimits(deps: SendLimitsDeps): (conversation: ConversationId) => Promise<SendLimits> {
  const { relay, settings, hasPeers, clock, isUp, others, isOnline } = deps;
  const relayLimits = kept(clock, () => relay.limits());
  const ice = kept(clock, () => relay.ice());

  return async (conversation) => {
    const [media, paths] = isUp() ? await Promise.all([relayLimits(), ice()]) : [null, null];
    return {
      relayBytes: media && relayFileBytes(media),
      direct: hasPeers && settings.get().path !== 'relay' && allowsDirect(paths),
      othersOnline: isUp() && others(conversation).some(isOnline),
      fileBytes: limits.fileBytes,
      keepDays: media?.keepDays ?? null,
    };
  };
}

function allowsDirect(ice: Ice | null): boolean {
  return ice?.direct !== 'off';
}

/** The largest file whose blob the relay takes. */
export function relayFileBytes({ blobBytes, usedBytes, quotaBytes }: MediaLimits): number {
  const left = quotaBytes === null ? blobBytes : Math.min(blobBytes, Math.max(0, quotaBytes - usedBytes));
  return Math.max(0, left - Math.ceil(left / chunkFormat.sealedBytes) * chunkFormat.tagBytes);
}

/** Asks at most once in a while; null when there is no answer. */
function kept<T>(clock: Clock, ask: () => Promise<T>): () => Promise<T | null> {
  let last: { readonly answer: Promise<T | null>; readonly until: number } | null = null;
  return () => {
    if (last && clock.monotonic() < last.until) return last.answer;
    const answer = inTime(
      clock,
      ask().catch(() => null),
    );
    const asked = { answer, until: clock.monotonic() + keptMs };
    last = asked;
    void answer.then((value) => {
      if (value === null && last === asked) last = null;
    });
    return answer;
  };
}

function inTime<T>(clock: Clock, answer: Promise<T | null>): Promise<T | null> {
  return new Promise((resolve) => {
    const cancel = clock.after(patienceMs, () => resolve(null));
    void answer.then((value) => {
      cancel();
      resolve(value);
    });
  });
}
