import { ERASED_REASON } from '../../../shared/domain/erasure/erasure.ts';
import type { AppError, ErrorKind } from '../../../shared/errors.ts';

/** The relay, or what is here of it, says that there is no such conversation for this agent. */
const ABSENT: ReadonlySet<ErrorKind> = new Set(['not_found', 'forbidden', 'gone']);

export type Absence = 'erased' | 'withdrawn' | 'notHere' | 'failed';

/** Why a conversation cannot be shown. */
export function kindOfAbsence(error: AppError, isOnline: boolean): Absence {
  if (error.details.reason === ERASED_REASON) return 'erased';
  if (!ABSENT.has(error.kind)) return 'failed';
  // Only at the head it is known that there is nothing to see; before that it may just not be here yet.
  return isOnline ? 'withdrawn' : 'notHere';
}
