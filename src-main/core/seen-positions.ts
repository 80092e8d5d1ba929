import { POSITIONS_PER_EVENT, positionOf } from '../../shared/domain/subject/subject-kind.ts';
import type { Cache } from './cache/cache.ts';
import type { SettingStore } from './outbox/setting-store.ts';

/** What was shown within so many events of what was shown last is remembered, held or not: it may soon be back. */
const EVENTS_REMEMBERED = 20_000;

type SeenSettings = Pick<SettingStore, 'forgetSeen' | 'forgetSeenBeyond' | 'listSeen'>;
type SeenCache = Pick<Cache, 'query' | 'setSeen'>;

/**
 * What is forgotten of up to where conversations were shown here. When the relay goes on from another history (SYNC-L3),
 * the positions beyond what the two share: they are given to other messages there, which nobody has seen. Now and then,
 * what was shown long ago of conversations that are not held any more.
 */
export class SeenPositions {
  readonly #settings: SeenSettings;
  readonly #cache: SeenCache;
  #sharedUpTo: number | null = null;

  constructor(settings: SeenSettings, cache: SeenCache) {
    this.#settings = settings;
    this.#cache = cache;
  }

  /** Forgets what was shown long ago and is not held any more. Only for a cache that is whole. */
  async prune(): Promise<void> {
    const seen = this.#settings.listSeen();
    const newest = seen.reduce((most, [, position]) => Math.max(most, position), 0);
    const old = seen.filter(([, position]) => position < newest - EVENTS_REMEMBERED * POSITIONS_PER_EVENT);
    if (old.length === 0) return;
    const conversationIds = old.map(([id]) => id);
    const gone = new Set((await this.#cache.query('notHeld', { conversationIds })) as string[]);
    // What was shown meanwhile is not old any more.
    const now = new Map(this.#settings.listSeen());
    const still = old.filter(([id, position]) => gone.has(id) && now.get(id) === position);
    this.#settings.forgetSeen(still.map(([id]) => id));
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
