import { expect, test } from 'vitest';
import type { MessageView } from '../../../shared/core-api/views.ts';
import type { ConversationRow } from './conversation-rows.ts';
import { findFirstPlace, offsetOf } from './first-place.ts';

const rows = Array.from({ length: 10 }, (_, index): ConversationRow => {
  const message = { id: `m${index}`, position: index } as MessageView;
  return { message, startsDay: false, startsNew: false, startsGroup: true, endsGroup: true };
});
const withNew = (index: number) => rows.with(index, { ...rows[index]!, startsNew: true });
const left = { messageId: 'm4', position: 4, offset: 7 };
const target = { messageId: 'm6', position: 6 };
const offset = (place: ReturnType<typeof findFirstPlace>) => offsetOf(place, rows, () => 100, 300, 52);

test('a list begins at what is looked for, else where it was left, else at what is new, else at its end', () => {
  expect(findFirstPlace(withNew(2), target, left)).toEqual({ kind: 'target', index: 6 });
  expect(findFirstPlace(withNew(2), null, left)).toEqual({ kind: 'left', index: 4, offset: 7 });
  expect(findFirstPlace(withNew(2), null, null)).toEqual({ kind: 'new', index: 2 });
  expect(findFirstPlace(rows, null, null)).toEqual({ kind: 'end' });
});

test('what is not there any more is no place', () => {
  expect(findFirstPlace(rows, null, { ...left, messageId: 'gone' })).toEqual({ kind: 'end' });
  expect(findFirstPlace(rows, { ...target, messageId: 'gone' }, left)).toEqual({ kind: 'end' });
  // All of it is new: the end is where one begins to read.
  expect(findFirstPlace(withNew(0), null, null)).toEqual({ kind: 'end' });
});

test('a place in pixels, with the room above the first line', () => {
  expect(offset({ kind: 'end' })).toBe(752);
  expect(offset({ kind: 'left', index: 4, offset: 7 })).toBe(459);
  expect(offset({ kind: 'new', index: 2 })).toBe(200);
  expect(offset({ kind: 'target', index: 6 })).toBe(502);
  expect(offsetOf({ kind: 'end' }, rows.slice(0, 1), () => 100, 300, 52)).toBe(0);
});
