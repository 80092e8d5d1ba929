import { positionOf } from '../../shared/domain/subject/subject-kind.ts';
import type { Cache } from './cache/cache.ts';
import type { SettingStore } from './outbox/setting-store.ts';

/**
 * Up to where conversations were shown here, when the relay goes on from another history (SYNC-L3): the positions beyond
 * what the two share are given to other messages there, which nobody has seen.
 */
export class SeenPositions {
  readonly #settings: Pick<SettingStore, 'forgetSeenBeyond'>;
  readonly #cache: Pick<Cache, 'setSeen'>;
  #sharedUpTo: number | null = null;

  constructor(settings: Pick<SettingStore, 'forgetSeenBeyond'>, cache: Pick<Cache, 'setSeen'>) {
    this.#settings = settings;
    this.#cache = cache;
  }

  /** @param seq up to which the histories are the same */
  async shareUpTo(seq: number): Promise<void> {
    this.#sharedUpTo = seq;
    await this.#forget(seq);
  }

  /** The cache is of the new history; until now messages of the old one were shown, and seen. */
  async swapped(): Promise<void> {
    const seq = this.#sharedUpTo;
    this.#sharedUpTo = null;
    if (seq !== null) await this.#forget(seq);
  }

  async #forget(seq: number): Promise<void> {
    const position = positionOf(seq + 1, 0) - 1;
    for (const conversationId of this.#settings.forgetSeenBeyond(position)) {
      await this.#cache.setSeen(conversationId, position);
    }
  }
}
