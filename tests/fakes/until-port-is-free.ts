import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * For a server that comes back where it was: the system may have given its port to somebody else of this machine, most
 * likely to a test beside this one, which ends soon. Zero is always free.
 */
export async function untilPortIsFree(port: number): Promise<void> {
  for (;;) {
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false,
    );
    if (isFree) await new Promise((resolve) => void probe.close(resolve));
    if (isFree) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
