import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collecting less than this costs more than it brings, in bytes. */
const WORTH_COLLECTING = 2 * 1024 * 1024;

/**
 * Lets this thread, and those that are started from now on, collect garbage when it suits them. As `--expose-gc` does,
 * which not every host can tell its core's process.
 */
export function allowCollecting(): void {
  setFlagsFromString('--expose-gc');
  globalThis.gc ??= runInNewContext('gc') as NodeJS.GCFunction;
}

/**
 * Has this thread look for everything that nothing refers to any more, and give the room back to the system. V8 would only
 * do so when it needs room, which after a long catch-up is hours later. Costs some tens of milliseconds; does nothing in a
 * process where `allowCollecting` was not called.
 */
export function giveBackMemory(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/**
 * Has this thread look through the objects it made last, at a moment when it needs few of them. V8 by itself does it when
 * their space is full, mostly in the middle of a frame, all of which it then copies, twice, and keeps until there is a
 * hundred megabytes of such. About a millisecond, where there is anything to collect.
 */
export function collectYoungObjects(): void {
  if (globalThis.gc === undefined) return;
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  if (young !== undefined && young.space_used_size >= WORTH_COLLECTING) {
    globalThis.gc({ type: 'minor', execution: 'sync' });
  }
}
