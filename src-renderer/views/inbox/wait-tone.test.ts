import { expect, test } from 'vitest';
import { waitToneOf } from './wait-tone.ts';

const MINUTE = 60_000;

test('how urgent waiting is depends on the channel', () => {
  expect(waitToneOf('web-chat', 2 * MINUTE - 1)).toBe('calm');
  expect(waitToneOf('web-chat', 2 * MINUTE)).toBe('warning');
  expect(waitToneOf('web-chat', 10 * MINUTE)).toBe('breach');
  expect(waitToneOf('email', 60 * MINUTE)).toBe('calm');
  expect(waitToneOf('email', 24 * 60 * MINUTE)).toBe('breach');
  expect(waitToneOf('a-channel-of-tomorrow', 20 * MINUTE)).toBe('warning');
});
