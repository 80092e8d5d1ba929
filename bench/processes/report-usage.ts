// Preloaded into a product process so that a benchmark can ask what it has used. It changes nothing else.
import type { Usage } from './measured-process.ts';

if (process.send !== undefined) {
  process.on('message', (message: unknown) => {
    if (message !== 'usage') return;
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() } satisfies Usage);
  });
  process.channel?.unref();
}
