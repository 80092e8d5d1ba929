const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** A random wait before attempt `attempt` (from 1), so that a thousand widgets do not come back at once. */
export function retryDelay(attempt: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return ceiling * (0.2 + 0.8 * Math.random());
}
