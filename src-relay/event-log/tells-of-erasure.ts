import { kindOf } from '../../shared/domain/registry.ts';
import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Commit } from './event-log.ts';

/** Whether a commit erased something, and rewrote events of before (SYNC-L7). */
export function tellsOfErasure({ events }: Pick<Commit, 'events'>): boolean {
  return events.some(({ changes }) => changes.some(({ subject }) => kindOf(subject)?.erases !== undefined));
}

/** The subjects that a commit erased, in the order of the log. */
export function erasedIn({ touched }: Pick<Commit, 'touched'>): Set<SubjectRef> {
  const erased = new Set<SubjectRef>();
  for (const [subject, { after }] of touched) {
    const of = after === null ? undefined : kindOf(subject)?.erases?.(after);
    if (of !== undefined) erased.add(of.subject);
  }
  return erased;
}
