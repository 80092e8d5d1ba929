import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';

/** Where the changes of an event begin in its text: they come last, and within a string the quotes would be escaped. */
const CHANGES = '"changes":';

/**
 * Texts of the newest events, by seq. All consoles get an event at nearly the same time; a text for as long as the event
 * is in memory would be half of what there is to collect.
 */
const KEPT = 1024;
const keptEvents: LoggedEvent[] = [];
const keptTexts: string[] = [];

/** Of events that were read from the log. */
const readTexts = new WeakMap<LoggedEvent['changes'], string>();

/** JSON of an event, changes last. It goes to many consoles and, in part, into the log, and is made once for all. */
export function eventText(event: LoggedEvent): string {
  const place = event.seq % KEPT;
  if (keptEvents[place] === event) return keptTexts[place]!;
  const { seq, at, actor, commandId, changes } = event;
  const read = readTexts.get(changes);
  const text =
    read === undefined
      ? JSON.stringify({ seq, at, actor, commandId, changes })
      : `${JSON.stringify({ seq, at, actor, commandId }).slice(0, -1)},${CHANGES}${read}}`;
  keptEvents[place] = event;
  keptTexts[place] = text;
  return text;
}

/** JSON of an event's changes, as the log stores it: a part of the event's own text, which takes no room beside it. */
export function changesText(event: LoggedEvent): string {
  const text = eventText(event);
  return text.slice(text.indexOf(CHANGES) + CHANGES.length, -1);
}

/** The changes of a JSON text, which is kept for them. */
export function parseChanges(text: string): LoggedEvent['changes'] {
  const changes = JSON.parse(text) as LoggedEvent['changes'];
  readTexts.set(changes, text);
  return changes;
}
