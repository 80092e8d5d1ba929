import type { CursorStep } from './history.ts';

/** What may set one console's cursor back, so far. */
interface Excuses {
  cursor: number;
  /** Caches that a fault or the end of a sign-in took whole, or that lack their newest frames, and were not begun anew. */
  whole: number;
  part: number;
  /** Whether the log has another lineage since the cursor went back for that last. */
  isRestored: boolean;
  /** How often its clock was moved, which may end the lease on its cache. */
  clockMoves: number;
  /** How often it said that the lease is over. */
  leaseNotices: number;
  /** How often it began anew, and a lease is all there is to explain it. */
  leaseEnds: number;
}

/**
 * INV-7: no cursor goes back within a lineage, unless the cache was taken. A cache begins anew at nothing, and a lineage
 * where the relay says: a full or failing disk excuses neither.
 *
 * @returns what is wrong, in words
 */
export function checkCursors(steps: readonly CursorStep[]): string[] {
  const wrong: string[] = [];
  const consoles = new Map<number, Excuses>();
  for (const step of steps) {
    const name = `console ${step.console}`;
    const excuses = consoles.get(step.console) ?? noExcuses();
    consoles.set(step.console, excuses);
    const { cursor } = excuses;
    if (!take(step, excuses)) wrong.push(`${name}: the cursor went back from ${cursor} to ${excuses.cursor}`);
  }
  for (const [console, { clockMoves, leaseNotices, leaseEnds }] of consoles) {
    // Each move of the clock ends one lease; the end of one that could not be written down comes again, and is said again.
    const most = clockMoves === 0 ? 0 : Math.max(clockMoves, leaseNotices);
    if (leaseEnds > most) {
      wrong.push(`console ${console}: the cache began anew ${leaseEnds} times, where a lease explains ${most}`);
    }
  }
  return wrong;
}

function noExcuses(): Excuses {
  return { cursor: 0, whole: 0, part: 0, isRestored: false, clockMoves: 0, leaseNotices: 0, leaseEnds: 0 };
}

/** @returns false when this may not be */
function take(step: CursorStep, excuses: Excuses): boolean {
  switch (step.what) {
    case 'cache-taken':
      excuses[step.extent] += 1;
      return true;
    case 'signed-out':
      excuses.whole += 1;
      return true;
    case 'clock-moved':
      excuses.clockMoves += 1;
      return true;
    case 'lease-over':
      excuses.leaseNotices += 1;
      return true;
    case 'relay-restored':
      excuses.isRestored = true;
      return true;
    case 'cursor': {
      const isBack = step.cursor < excuses.cursor;
      excuses.cursor = step.cursor;
      return !isBack || isExcused(step.cursor, excuses);
    }
  }
}

function isExcused(cursor: number, excuses: Excuses): boolean {
  if (cursor === 0) {
    if (excuses.whole > 0) excuses.whole -= 1;
    // A file without its log may be unusable.
    else if (excuses.part > 0) excuses.part -= 1;
    else excuses.leaseEnds += 1;
    return true;
  }
  if (excuses.part > 0) {
    excuses.part -= 1;
    return true;
  }
  const { isRestored } = excuses;
  excuses.isRestored = false;
  return isRestored;
}
