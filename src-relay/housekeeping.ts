import type { Logger } from 'pino';
import type { Clock } from '../shared/primitives/clock.ts';
import type { Auth } from './auth/auth.ts';
import type { ChannelAdapter } from './channels/channel.ts';
import type { EventLog } from './event-log/event-log.ts';
import type { FileStore } from './files/file-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const INTERVAL_MS = 60 * 60 * 1000;
/** Events are kept so long (SYNC-L4); a console that was away longer gets a snapshot. */
const EVENTS_KEPT_MS = 30 * DAY_MS;
/** Results of commands (SYNC-C3), and how messages were delivered. */
const RESULTS_KEPT_MS = 90 * DAY_MS;

interface HousekeepingParts {
  eventLog: EventLog;
  auth: Pick<Auth, 'sweep'>;
  channels: ReadonlyMap<string, Pick<ChannelAdapter, 'awaitsFile'>>;
  files: Pick<FileStore, 'sweep'>;
  clock: Clock;
  logger: Pick<Logger, 'info' | 'error'>;
}

/** Every hour, puts away what nobody can need any more. @returns its own stop, which waits for what is under way */
export function startHousekeeping(parts: HousekeepingParts): () => Promise<void> {
  const { clock, logger } = parts;
  let underWay = Promise.resolve();
  let isStopped = false;
  let cancel = (): void => {};
  const plan = () => {
    cancel = clock.after(INTERVAL_MS, () => {
      underWay = keepHouse(parts)
        .catch((error: unknown) => logger.error({ err: error }, 'housekeeping failed'))
        .then(() => {
          if (!isStopped) plan();
        });
    });
  };
  plan();
  return async () => {
    isStopped = true;
    cancel();
    await underWay;
  };
}

/** One round of it. */
export async function keepHouse({ eventLog, auth, channels, files, clock, logger }: HousekeepingParts): Promise<void> {
  const now = clock.now();
  auth.sweep();
  const isAwaited = (fileId: string) => [...channels.values()].some((channel) => channel.awaitsFile?.(fileId) ?? false);
  const filesDeleted = await files.sweep((fileId) => eventLog.listFileSubjects(fileId).length > 0 || isAwaited(fileId));
  const resultsDeleted = await eventLog.pruneResults(now - RESULTS_KEPT_MS);
  const deliveriesDeleted = await eventLog.pruneDeliveries(now - RESULTS_KEPT_MS);
  await eventLog.truncate(await firstSeqSince(eventLog, now - EVENTS_KEPT_MS));
  logger.info({ filesDeleted, resultsDeleted, deliveriesDeleted, floor: eventLog.floor() }, 'housekeeping');
}

/** Seq of the first event that is not older than `at` (epoch ms); the one after the head if all are. */
async function firstSeqSince(eventLog: EventLog, at: number): Promise<number> {
  let low = eventLog.floor() + 1;
  let high = eventLog.head() + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = await eventLog.readEvents(middle - 1, 1);
    if (event === undefined || event.at >= at) high = middle;
    else low = middle + 1;
  }
  return low;
}
