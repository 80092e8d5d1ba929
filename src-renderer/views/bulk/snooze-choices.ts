/** A moment to put a conversation aside until; null until the customer writes. */
export interface SnoozeChoice {
  id: 'hour' | 'three-hours' | 'evening' | 'tomorrow' | 'monday' | 'until-reply';
  until: number | null;
}

const HOUR_MS = 3_600_000;
const MORNING = 8;
const EVENING = 17;

/**
 * The usual moments, seen from `now` (epoch ms) in the agent's own time zone. This evening is offered while it is
 * two hours away at least, Monday when it is not tomorrow anyway.
 */
export function snoozeChoices(now: number): SnoozeChoice[] {
  const evening = atHour(now, 0, EVENING);
  const tomorrow = atHour(now, 1, MORNING);
  const daysToMonday = (8 - new Date(now).getDay()) % 7 || 7;
  const choices: SnoozeChoice[] = [
    { id: 'hour', until: now + HOUR_MS },
    { id: 'three-hours', until: now + 3 * HOUR_MS },
  ];
  if (evening - now >= 2 * HOUR_MS) choices.push({ id: 'evening', until: evening });
  choices.push({ id: 'tomorrow', until: tomorrow });
  if (daysToMonday > 1) choices.push({ id: 'monday', until: atHour(now, daysToMonday, MORNING) });
  choices.push({ id: 'until-reply', until: null });
  return choices;
}

function atHour(now: number, inDays: number, hour: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + inDays, hour).getTime();
}

/** What `<input type="datetime-local">` holds for a moment, in local time: `2026-11-22T14:05`. */
export function toLocalInput(at: number): string {
  const day = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  return `${date}T${two(day.getHours())}:${two(day.getMinutes())}`;
}
