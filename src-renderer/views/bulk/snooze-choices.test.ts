import { expect, test } from 'vitest';
import { snoozeChoices, toLocalInput } from './snooze-choices.ts';

const at = (day: number, hour: number, minute = 0) => new Date(2025, 10, day, hour, minute).getTime();
const idsAt = (now: number) => snoozeChoices(now).map(({ id }) => id);
const untilOf = (now: number, id: string) => snoozeChoices(now).find((choice) => choice.id === id)?.until;

test('the usual moments of a Wednesday morning', () => {
  const now = at(19, 9);
  expect(idsAt(now)).toEqual(['hour', 'three-hours', 'evening', 'tomorrow', 'monday', 'until-reply']);
  expect(untilOf(now, 'evening')).toBe(at(19, 17));
  expect(untilOf(now, 'tomorrow')).toBe(at(20, 8));
  expect(untilOf(now, 'monday')).toBe(at(24, 8));
  expect(untilOf(now, 'until-reply')).toBeNull();
});

test('an evening that is here is not offered, nor a Monday that is tomorrow', () => {
  expect(idsAt(at(19, 16))).not.toContain('evening');
  expect(idsAt(at(23, 10))).not.toContain('monday');
  // On a Monday it is the next one.
  expect(untilOf(at(24, 10), 'monday')).toBe(new Date(2025, 11, 1, 8).getTime());
});

test('every moment lies ahead', () => {
  for (let hour = 0; hour < 24 * 8; hour += 1) {
    const now = at(17, hour, 59);
    for (const { until } of snoozeChoices(now)) expect(until === null || until > now).toBe(true);
  }
});

test('a field of local time reads back as the same minute', () => {
  expect(new Date(toLocalInput(at(3, 7, 5))).getTime()).toBe(at(3, 7, 5));
});
