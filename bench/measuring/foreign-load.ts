import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const SAMPLE_MS = 1000;
/** Above this many cores the figures of a benchmark say more about the others than about us. */
export const QUIET_CORES = 0.3;

/** How many cores other programs keep busy, while this one waits for a second. */
export async function measureForeignLoad(): Promise<number> {
  const before = readTimes();
  await sleep(SAMPLE_MS);
  const after = readTimes();
  const busy = after.busy - before.busy;
  return (busy / (busy + after.idle - before.idle)) * cpus().length;
}

function readTimes(): { busy: number; idle: number } {
  const total = { busy: 0, idle: 0 };
  for (const { times } of cpus()) {
    total.busy += times.user + times.nice + times.sys + times.irq;
    total.idle += times.idle;
  }
  return total;
}
