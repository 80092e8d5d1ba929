// Preloaded into a product process so that a benchmark can ask what it has used. It changes nothing else.
import { readUsage } from './read-usage.ts';

if (process.send !== undefined) {
  process.on('message', (message: unknown) => {
    if (message === 'usage' || message === 'collected-usage') process.send?.(readUsage(message === 'collected-usage'));
  });
  process.channel?.unref();
}
