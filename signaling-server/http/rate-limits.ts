/** How often one address, username or user may do what costs the relay work or could be guessing. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ParleyError } from '../../protocol/index.ts';

/** Tries allowed in a window; 0 turns the limit off. */
interface Rate {
  readonly points: number;
  readonly seconds: number;
}

export interface RateLimit {
  /** Counts one try. @throws ParleyError `rate_limited` with `retryAfterMs` when there were too many. */
  take(key: string): Promise<void>;
  /** Takes one counted try back. */
  giveBack(key: string): Promise<void>;
  forget(key: string): Promise<void>;
}

export interface HttpLimits {
  readonly requests: RateLimit;
  readonly logins: RateLimit;
  /** By username and address, so that a stranger cannot lock somebody out of their own account. */
  readonly loginFailures: RateLimit;
  /** By username alone: guessing spread over many addresses. */
  readonly loginFailuresAnywhere: RateLimit;
  readonly registrations: RateLimit;
  readonly lookups: RateLimit;
  readonly uploads: RateLimit;
}

interface RateSettings {
  readonly requestsPerMinute: number;
  readonly loginsPerMinute: number;
  readonly loginFailuresPerHour: number;
  readonly registrationsPerHour: number;
  readonly lookupsPerMinute: number;
  readonly uploadsPerMinute: number;
}

const minute = 60;
const hour = 3_600;

export function createHttpLimits(settings: RateSettings): HttpLimits {
  return {
    requests: createRateLimit({ points: settings.requestsPerMinute, seconds: minute }),
    logins: createRateLimit({ points: settings.loginsPerMinute, seconds: minute }),
    loginFailures: createRateLimit({ points: settings.loginFailuresPerHour, seconds: hour }),
    loginFailuresAnywhere: createRateLimit({ points: settings.loginFailuresPerHour * 10, seconds: hour }),
    registrations: createRateLimit({ points: settings.registrationsPerHour, seconds: hour }),
    lookups: createRateLimit({ points: settings.lookupsPerMinute, seconds: minute }),
    uploads: createRateLimit({ points: settings.uploadsPerMinute, seconds: minute }),
  };
}

const unlimited: RateLimit = {
  take: () => Promise.resolve(),
  giveBack: () => Promise.resolve(),
  forget: () => Promise.resolve(),
};

function createRateLimit({ points, seconds }: Rate): RateLimit {
  if (points === 0) return unlimited;
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return {
    async take(key) {
      try {
        await limiter.consume(key);
      } catch (refusal) {
        throw refusal instanceof RateLimiterRes ? tooOften(refusal.msBeforeNext) : refusal;
      }
    },
    async giveBack(key) {
      await limiter.reward(key);
    },
    async forget(key) {
      await limiter.delete(key);
    },
  };
}

function tooOften(ms: number): ParleyError {
  const retryAfterMs = Math.max(1, Math.ceil(ms));
  const seconds = Math.ceil(retryAfterMs / 1_000);
  const wait = seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
  return new ParleyError('rate_limited', { message: `Too many tries. Try again in ${wait}.`, retryAfterMs });
}
