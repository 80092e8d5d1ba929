import { expect, test } from 'vitest';
import { readRss, watchPeakRss } from './peak-memory.ts';

test.skipIf(process.platform === 'win32')('what a process had for a moment counts as its peak', async () => {
  const before = readRss(process.pid);
  expect(before / process.memoryUsage.rss()).toBeGreaterThan(0.5);
  expect(before / process.memoryUsage.rss()).toBeLessThan(2);
  const stop = watchPeakRss(process.pid);
  const block = Buffer.alloc(200 * 1024 * 1024, 1);
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(block.length).toBeGreaterThan(0);
  expect(stop()).toBeGreaterThan(before + 150 * 1024 * 1024);
});
