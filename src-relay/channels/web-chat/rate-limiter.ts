import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import type { RateLimits } from '../../../shared/widget-api/channel-settings.ts';

/** Buckets kept at most; beyond it, full ones are forgotten. */
const MAX_BUCKETS = 50_000;

interface Bucket {
  tokens: number;
  filledAt: number;
  burst: number;
  perMs: number;
}

/** Token buckets by limit and by whom it limits, in memory: a restart forgives. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes `cost` tokens. @param limits null where the channel's limits are lifted
   * @throws AppError `rate_limited` with the time until there is one
   */
  take(limits: RateLimits | null, limit: keyof RateLimits, channelId: string, who: string, cost = 1): void {
    if (limits === null) return;
    const { burst, perMinute } = limits[limit];
    const key = `${limit} ${channelId} ${who}`;
    const now = this.#clock.monotonic();
    const perMs = perMinute / 60_000;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, filledAt: now, burst, perMs };
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.filledAt) * perMs);
    Object.assign(bucket, { filledAt: now, burst, perMs });
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > MAX_BUCKETS) this.#forgetFull(now);
    if (bucket.tokens < cost) {
      const retryAfterMs = Math.ceil((cost - bucket.tokens) / perMs);
      throw new AppError('rate_limited', 'Too many requests; wait a moment.', { reason: 'too-fast', retryAfterMs });
    }
    bucket.tokens -= cost;
  }

  #forgetFull(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (bucket.tokens + (now - bucket.filledAt) * bucket.perMs >= bucket.burst) this.#buckets.delete(key);
    }
  }
}
