import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';

const known = new WeakMap<LoggedEvent['changes'], string>();

/** JSON of an event's changes. It is both what the log stores and what goes to consoles, and is made once for both. */
export function changesText(changes: LoggedEvent['changes']): string {
  const text = known.get(changes) ?? JSON.stringify(changes);
  known.set(changes, text);
  return text;
}

/** The changes of a JSON text, which is kept for them. */
export function parseChanges(text: string): LoggedEvent['changes'] {
  const changes = JSON.parse(text) as LoggedEvent['changes'];
  known.set(changes, text);
  return changes;
}
