import { vi } from 'vitest';

/** Looks until `check` no longer throws; gives up, with what it threw, after a minute. For tests without a document. */
export function waitFor<Value>(check: () => Value | Promise<Value>): Promise<Value> {
  return vi.waitFor(check, { timeout: 60_000 });
}
