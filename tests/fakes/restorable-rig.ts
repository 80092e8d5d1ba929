import type { EventLog } from '../../src-relay/event-log/event-log.ts';
import { makeEpoch, openEventLog } from '../../src-relay/event-log/open-event-log.ts';
import { AgentHub } from '../../src-relay/gateway/agent-hub.ts';
import { MemoryLogDisk } from '../simulation/stores/memory-log-disk.ts';
import { type HubRig, workingRig } from './hub-rig.ts';
import { ManualClock, seededRandom } from './manual-clock.ts';

/** A hub rig whose relay can be put back to what it was. */
export interface RestorableRig extends HubRig {
  backUp(): MemoryLogDisk;
  /** Stops the relay, puts the backup in place of its file, and starts it. @param isByHand without the restore command */
  restore(backup: MemoryLogDisk, isByHand: boolean): Promise<void>;
}

export async function openRestorableRig(seed = 1): Promise<RestorableRig> {
  const clock = new ManualClock();
  const random = seededRandom(seed);
  const disk = new MemoryLogDisk();
  const silent = (): void => undefined;
  const logger = { info: silent, warn: silent, error: silent, fatal: silent };
  const openLog = (): EventLog =>
    openEventLog({
      storage: disk.open(() => makeEpoch(clock, random)),
      ...{ clock, random, logger },
      plan: (_kind, message) => [message],
      hasFile: () => true,
      afterTurn: (task) => queueMicrotask(task),
    });
  const openHub = (log: EventLog) =>
    AgentHub.open({
      ...{ eventLog: log, clock, random, logger, showToCustomer: silent, observeFanOut: silent },
      doubtDeliveries: () => log.deliveries.doubtQueued(),
    });
  let eventLog = openLog();
  let hub = await openHub(eventLog);
  return {
    ...workingRig(clock, random, () => eventLog),
    get eventLog() {
      return eventLog;
    },
    get hub() {
      return hub;
    },
    backUp: () => disk.copy(),
    restore: async (backup, isByHand) => {
      await hub.close();
      await eventLog.close();
      disk.restore(backup);
      eventLog = openLog();
      if (!isByHand) eventLog.rotateEpoch();
      hub = await openHub(eventLog);
    },
    close: async () => {
      await hub.close();
      await eventLog.close();
    },
  };
}
