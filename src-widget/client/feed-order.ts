import type { FeedEntry, FeedPage } from '../../shared/widget-api/feed.ts';

/**
 * Decides what of a feed is next, whatever brings it: a socket and a long poll may be under way at once, and answer
 * late. Nothing is let through twice or out of order.
 */
export class FeedOrder {
  #position: number;

  constructor(position: number) {
    this.#position = position;
  }

  /** Seq of the last entry that was let through. */
  get position(): number {
    return this.#position;
  }

  /** @returns `next` when it is to be handed out, `ahead` when something before it is missing, `known` otherwise */
  take(entry: FeedEntry): 'next' | 'ahead' | 'known' {
    if (entry.seq <= this.#position) return 'known';
    if (entry.seq > this.#position + 1) return 'ahead';
    this.#position = entry.seq;
    return 'next';
  }

  /**
   * @param askedAfter the position with which the page was asked for; it may have moved on since
   * @returns the entries to hand out
   */
  takePage(page: FeedPage, askedAfter: number): FeedEntry[] {
    // A relay restored from a backup has forgotten the newest entries: go on from where it is.
    if (page.head < askedAfter) this.#position = page.head;
    const fresh = page.entries.filter((entry) => entry.seq > this.#position);
    this.#position = fresh.at(-1)?.seq ?? this.#position;
    return fresh;
  }
}
