import { kindOf } from '../../../shared/domain/registry.ts';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { FrameBody } from '../../../shared/relay-protocol/read-from-relay.ts';

/**
 * Whether a frame has a change that this version does not understand and that must not be missed. Of others the subject
 * is fetched again, which is enough (SYNC-P1).
 */
export function needsUpdate({ events }: Pick<FrameBody, 'events'>): boolean {
  return events.some(({ changes }) =>
    changes.some(({ subject, type, v, isEssential }) => {
      if (isEssential !== true) return false;
      const known = kindOf(subject as SubjectRef)?.changes[type];
      return known === undefined || v > known.v;
    }),
  );
}
