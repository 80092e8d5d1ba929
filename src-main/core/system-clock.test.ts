import { expect, test, vi } from 'vitest';
import { createSystemClock } from './system-clock.ts';

test('what is to wait for longer than timers go is not run at once', () => {
  // Of 2^31 ms and more Node makes 1 ms: a relay that says to come back in a month would be asked without end.
  const setTimer = vi.spyOn(globalThis, 'setTimeout');
  const cancel = createSystemClock().after(30 * 24 * 60 * 60_000, () => undefined);
  cancel();
  expect(setTimer.mock.calls[0]![1]).toBe(2 ** 31 - 1);
  setTimer.mockRestore();
});
