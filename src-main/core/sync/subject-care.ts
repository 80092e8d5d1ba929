import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import type { FromRelay } from '../../../shared/relay-protocol/from-relay.ts';
import type { Cache } from '../cache/cache.ts';
import type { SyncLog } from './sync-client.ts';

const MAX_DIRTY = 50;
/** More often than this within an hour something is wrong that fetching again does not mend. */
const MENDED_PER_HOUR = 3;
const HOUR_MS = 60 * 60 * 1000;

export interface SubjectCareParts {
  cache: Cache;
  clock: Clock;
  logger: SyncLog;
  /** Fetches a subject whole. @throws AppError */
  fetch(subject: SubjectRef): Promise<void>;
}

/** Fetches again what cannot be shown as it is: changes that were not understood, rows that went bad. */
export class SubjectCare {
  readonly #parts: SubjectCareParts;
  /** Monotonic times of the last fetches of what had gone bad. */
  #mendedAt: number[] = [];

  constructor(parts: SubjectCareParts) {
    this.#parts = parts;
  }

  /** Subjects with changes that an older version did not understand (SYNC-P1). @param isUp while the session lasts */
  async mendDirty(isUp: () => boolean): Promise<void> {
    const { cache, fetch, logger } = this.#parts;
    try {
      for (const subject of await cache.dirtySubjects(MAX_DIRTY)) {
        if (!isUp()) return;
        await fetch(subject);
      }
    } catch (error) {
      logger.warn({ err: error }, 'a subject could not be fetched again');
    }
  }

  /** Compares what is stored with what the relay says of it, and fetches what went bad (SYNC-D4). */
  async check({ subjects }: FromRelay['digests']): Promise<void> {
    const { cache, fetch, logger } = this.#parts;
    for (const told of subjects) {
      try {
        if ((await cache.checkDigest(told)) !== 'differs') continue;
        const { subject } = told;
        if (this.#mayMend()) {
          logger.warn({ subject }, 'stored rows are not what they should be; they are fetched again');
          await fetch(subject as SubjectRef);
        } else logger.warn({ subject, times: MENDED_PER_HOUR }, 'stored rows keep going bad; the disk may be failing');
      } catch (error) {
        logger.warn({ err: error }, 'a subject could not be fetched again');
      }
    }
  }

  #mayMend(): boolean {
    const now = this.#parts.clock.monotonic();
    this.#mendedAt = this.#mendedAt.filter((at) => at > now - HOUR_MS);
    if (this.#mendedAt.length >= MENDED_PER_HOUR) return false;
    this.#mendedAt.push(now);
    return true;
  }
}
