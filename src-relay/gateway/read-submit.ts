import type { Submission } from '../../shared/relay-protocol/commands.ts';
import type { ToRelay } from '../../shared/relay-protocol/to-relay.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SUBJECT = /^[a-z-]{1,40}:[\w-]{1,64}$/;
const MAX_SUBMISSIONS = 64;
const MAX_TYPE_LENGTH = 80;
const MAX_SUBJECTS = 100;

/**
 * Recognises a `submit` as consoles write it: a part of what the schema takes, checked in a tenth of the time, since it
 * is what consoles say most.
 * @returns the message itself, just as the schema would give it back; null where only the schema can tell
 */
export function readSubmit(message: unknown): ToRelay['submit'] | null {
  if (!isRecord(message)) return null;
  const { session, submissions, ackedN } = message;
  if (!isUuid(session) || !isCount(ackedN) || !Array.isArray(submissions)) return null;
  if (submissions.length === 0 || submissions.length > MAX_SUBMISSIONS || hasMore(message, 3)) return null;
  return submissions.every(isSubmission) ? (message as ToRelay['submit']) : null;
}

function isSubmission(value: unknown): value is Submission {
  if (!isRecord(value) || typeof value['isDelayed'] !== 'boolean' || hasMore(value, 2)) return false;
  const { command } = value;
  if (!isRecord(command)) return false;
  const { id, n, type, v, subjects, args, base, after, clientAt } = command;
  return (
    isUuid(id) &&
    isCount(n) &&
    n > 0 &&
    isCount(v) &&
    v > 0 &&
    typeof type === 'string' &&
    type.length <= MAX_TYPE_LENGTH &&
    Array.isArray(subjects) &&
    subjects.length > 0 &&
    subjects.length <= MAX_SUBJECTS &&
    subjects.every(isSubject) &&
    args !== undefined &&
    (after === null || isUuid(after)) &&
    Number.isFinite(clientAt) &&
    !hasMore(command, base === undefined ? 8 : 9)
  );
}

/** The schema leaves out what it does not know. */
function hasMore(record: Record<string, unknown>, count: number): boolean {
  return Object.keys(record).length !== count;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

function isSubject(value: unknown): boolean {
  return typeof value === 'string' && SUBJECT.test(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
