import { expect, test } from 'vitest';
import { formatAgo } from './format-full.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

test('how long ago is told in whole units that have passed', () => {
  const now = Date.UTC(2026, 10, 22, 10);
  const ago = (ms: number) => ['vi', 'en'].map((language) => formatAgo(now - ms, language, now));
  expect(ago(MINUTE_MS - 1)).toEqual(['', '']);
  expect(ago(31 * MINUTE_MS)).toEqual(['31 phút trước', '31 minutes ago']);
  expect(ago(HOUR_MS - 1)).toEqual(['59 phút trước', '59 minutes ago']);
  expect(ago(13 * HOUR_MS)).toEqual(['13 giờ trước', '13 hours ago']);
  expect(ago(24 * HOUR_MS)).toEqual(['Hôm qua', 'yesterday']);
});
