import type { Usage } from './measured-process.ts';

/** What this process has used. @param isCollected after what is garbage is gone; needs `--expose-gc` */
export function readUsage(isCollected: boolean): Usage {
  if (isCollected) for (let pass = 0; pass < 3; pass += 1) globalThis.gc!();
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() };
}
