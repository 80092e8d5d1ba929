/** What a run of many seeds must have met at least once, or it proves less than it says. */
export const SOMETIMES = [
  'reset',
  'stale',
  'leave-with-pending',
  'epoch-change',
  'reclaimed',
  'lagging',
  'blocked-child',
  'expired',
  'device-renewed',
  'half-open-found',
  'snapshot-broken-off',
  'frame-gap',
  'held-asked',
  'upload-resumed',
  'upload-corrupted',
  'blob-missing',
  'unknown-delivery',
  'looked-up',
  'keyed-repeat',
  'duplicate-submit',
  'retry',
  'conflict',
  'forbidden',
  'signed-out',
  'crash-console',
  'crash-relay',
  'crash-at-commit',
  'disk-full',
  'cache-rebuilt',
  'superseded',
  'timer-late',
  'webhook-first',
  'below-floor',
  'outbox-rolled-back',
  'bulk',
  'undone',
  'sent-anyway',
  'erased',
  'erased-with-pending',
  'wanted',
] as const;

export type Sometimes = (typeof SOMETIMES)[number];

/** How often each was met. */
export class Met {
  readonly counts: Partial<Record<Sometimes, number>> = {};

  note(what: Sometimes): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}
