import { kindOf } from '../../shared/domain/registry.ts';
import { type Change, type SubjectRef, parseSubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { timerId } from './effects.ts';
import type { LogStorage } from './log-storage.ts';

/**
 * Takes what is personal of a subject out of everything but its rows, which its kind's own change deletes (SYNC-L7).
 * To be called in the transaction of that change, before its rows are written.
 */
export function eraseSubject(
  { records, rows, deliveries, timers }: Pick<LogStorage, 'records' | 'rows' | 'deliveries' | 'timers'>,
  subject: SubjectRef,
): void {
  const { id } = parseSubjectRef(subject);
  // What belonged to it and is gone already is in the log still.
  for (const one of [subject, ...rows.listOwned(subject)]) {
    records.redactEvents(one, redacted);
    records.eraseFileLinks(one);
  }
  deliveries.forget(rows.listItemIds(subject));
  for (const timer of Object.keys(kindOf(subject)?.timers ?? {})) timers.cancel(timerId(timer, id));
}

/** What stays of a change's data. */
function redacted({ subject, type, data }: Pick<Change, 'subject' | 'type' | 'data'>): unknown {
  const spec = kindOf(subject)?.changes[type];
  return spec?.redact === undefined ? data : spec.redact(data);
}
