import type { LoggedEvent, SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import { eventText } from '../event-log/changes-text.ts';
import { type FrameEvent, StoredEvent } from '../event-log/stored-event.ts';

const knownTexts = new WeakMap<object, string>();

/**
 * JSON of a message to a console. An event goes to many consoles in frames that differ in a few fields, so that its
 * own text is made once and put into each of them.
 */
export function messageText<Name extends keyof FromRelay>(name: Name, message: FromRelay[Name]): string {
  if (name === 'frame') {
    const { events, ...rest } = message as FromRelay['frame'];
    const { before, after } = textAroundEvents(rest);
    return `${before}${listText(events)}${after}`;
  }
  // The same message goes to every console.
  if (name === 'presences') return textOf(message);
  if (name === 'page') {
    const { subjects, ...place } = message as FromRelay['page'];
    return `${JSON.stringify(place).slice(0, -1)},"subjects":${listText(subjects)}}`;
  }
  return JSON.stringify(message);
}

/** What is before and after the list of events in the JSON of a frame. */
export function textAroundEvents(rest: Omit<Partial<FromRelay['frame']>, 'events'>): { before: string; after: string } {
  const { enter, leave, isCatchUp, wantsCredit, ...place } = rest;
  return {
    before: `${JSON.stringify(place).slice(0, -1)},"leave":${JSON.stringify(leave)},"enter":${listText(enter ?? [])},"events":`,
    after: `,${wantsCredit === true ? '"wantsCredit":true,' : ''}"isCatchUp":${isCatchUp}}`,
  };
}

/**
 * Bytes of JSON, nearly: text beyond ASCII weighs more than it counts here. What is measured is about to be sent, so
 * its text is kept for that.
 */
export function sizeOf(value: FrameEvent | SubjectSnapshot): number {
  return value instanceof StoredEvent ? value.size : textOf(value).length;
}

/** Likewise of a list. Many consoles in turn get the same one. */
export function sizeOfAll(values: readonly LoggedEvent[]): number {
  if (values !== lastSized.values) {
    lastSized = { values, bytes: values.reduce((bytes, value) => bytes + sizeOf(value), 0) };
  }
  return lastSized.bytes;
}

let lastSized: { values: readonly object[]; bytes: number } = { values: [], bytes: 0 };

/** Many consoles in turn get the same events. */
let lastList: { values: readonly object[]; text: string } = { values: [], text: '[]' };

function listText(values: readonly (LoggedEvent | SubjectSnapshot)[]): string {
  if (values.length < 2) return values.length === 0 ? '[]' : `[${textOf(values[0]!)}]`;
  const isLast =
    values === lastList.values ||
    (values.length === lastList.values.length && values.every((value, index) => value === lastList.values[index]));
  if (!isLast) lastList = { values, text: `[${values.map(textOf).join(',')}]` };
  return lastList.text;
}

/** JSON of an event or a subject, made once. */
export function textOf(value: object): string {
  if ('changes' in value) return eventText(value as LoggedEvent);
  const known = knownTexts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  knownTexts.set(value, text);
  return text;
}
