import type { PowerMonitor } from 'electron';
import type { CoreProcess } from './core-process.ts';

/**
 * Tells the core when the machine comes back from sleep, or its screen is unlocked: windows hear of a network that is
 * back, but not where it only slept (SYNC-N1).
 */
export function tellOfWaking(powerMonitor: Pick<PowerMonitor, 'on'>, core: Pick<CoreProcess, 'attach'>): void {
  const line = core.attach({ onFrame: () => undefined, onEnd: () => undefined });
  let id = 0;
  const tell = (): void => {
    id += 1;
    line.send({ id, request: 'sync.networkBack', input: {} });
  };
  powerMonitor.on('resume', tell);
  powerMonitor.on('unlock-screen', tell);
}
