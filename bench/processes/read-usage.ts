import type { Usage } from './measured-process.ts';

/**
 * What this process has used.
 * @param isCollected after what is garbage is gone, and the room that was kept for more of it; needs `--expose-gc`
 */
export function readUsage(isCollected: boolean): Usage {
  if (isCollected) globalThis.gc!({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() };
}
