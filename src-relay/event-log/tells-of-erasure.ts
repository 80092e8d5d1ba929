import { kindOf } from '../../shared/domain/registry.ts';
import type { Commit } from './event-log.ts';

/** Whether a commit erased something, and rewrote events of before (SYNC-L7). */
export function tellsOfErasure({ events }: Pick<Commit, 'events'>): boolean {
  return events.some(({ changes }) => changes.some(({ subject }) => kindOf(subject)?.erases !== undefined));
}
