/**
 * Has this thread look for everything that nothing refers to any more, and give the room back to the system. V8 would only
 * do so when it needs room, which after a long catch-up is hours later. Costs some tens of milliseconds; does nothing in a
 * host that does not allow it (`--expose-gc`).
 */
export function giveBackMemory(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
