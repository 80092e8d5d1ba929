import type { CommandResult } from './commands.ts';
import type { Frame, LoggedEvent, SnapshotPage, SubjectSnapshot } from './frames.ts';
import type { FromRelay } from './from-relay.ts';
import type { ToRelay } from './to-relay.ts';

// Nearly everything that a relay sends, or hears, is one of these few shapes, a thousand times over. Their schemas take as long to
// check them as the parsing of their JSON does, and make a copy of all. What is said here to be right is right by the
// schema too; of what is not, the schema decides.

const SUBJECT = /^[a-z-]{1,40}:[^]{1,160}$/;
const ACTOR = /^(agent|customer|channel|system):/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

type Fields<Shape> = { readonly [Name in keyof Shape]?: unknown };

/** Whether `frameSchema` would take this, or would if it had a session. */
export function isFrameBody(value: unknown): value is Omit<Frame, 'session'> {
  if (!isObject<Frame>(value)) return false;
  const { from, to, leave, enter, events, isCatchUp, wantsCredit, still } = value;
  return (
    isCount(from) &&
    isCount(to) &&
    typeof isCatchUp === 'boolean' &&
    (wantsCredit === undefined || wantsCredit === true) &&
    (still === undefined || (isCount(still) && still > 0)) &&
    areAll(leave, isSubject) &&
    areAll(enter, isSnapshot) &&
    areAll(events, isEvent)
  );
}

/** Whether `snapshotPageSchema` would take this, or would if it had a session. */
export function isPageBody(value: unknown): value is Omit<SnapshotPage, 'session'> {
  if (!isObject<SnapshotPage>(value)) return false;
  const { page, startSeq, subjects, totalSubjects, isLast } = value;
  return (
    isCount(page) &&
    isCount(startSeq) &&
    Number.isSafeInteger(totalSubjects) &&
    typeof isLast === 'boolean' &&
    areAll(subjects, isSnapshot)
  );
}

/** Whether the schema of `results` would take this, and all of them are successes. */
export function isSuccesses(value: unknown): value is FromRelay['results'] {
  return hasSession(value) && areAll((value as Fields<FromRelay['results']>).results, isSuccess);
}

/** Whether the schema of `tick` would take this. */
export function isTick(value: unknown): value is FromRelay['tick'] {
  if (!hasSession(value)) return false;
  const { head, serverNow, still } = value as Fields<FromRelay['tick']>;
  return (
    Number.isSafeInteger(head) && Number.isFinite(serverNow) && (still === undefined || (isCount(still) && still > 0))
  );
}

/** Whether the schema of `digests` would take this. */
export function isDigests(value: unknown): value is FromRelay['digests'] {
  return hasSession(value) && areAll((value as Fields<FromRelay['digests']>).subjects, isDigest);
}

/** Whether the schema of `credit` would take this. */
export function isCredit(value: unknown): value is ToRelay['credit'] {
  if (!hasSession(value)) return false;
  const { cursor, heldMs } = value as Fields<ToRelay['credit']>;
  return Number.isSafeInteger(cursor) && (heldMs === undefined || (Number.isFinite(heldMs) && (heldMs as number) >= 0));
}

/** Whether it has a session as the schemas of frames and pages want it. */
export function hasSession(value: unknown): boolean {
  return isObject<Frame>(value) && typeof value.session === 'string' && UUID.test(value.session);
}

function isSuccess(value: unknown): boolean {
  if (!isObject<Extract<CommandResult, { ok: true }>>(value)) return false;
  const { id, ok, seq } = value;
  return ok === true && typeof id === 'string' && UUID.test(id) && Number.isSafeInteger(seq);
}

function isDigest(value: unknown): boolean {
  if (!isObject<FromRelay['digests']['subjects'][number]>(value)) return false;
  const { subject, asOf, fromPosition, digest } = value;
  return (
    isSubject(subject) &&
    Number.isSafeInteger(asOf) &&
    isCount(fromPosition) &&
    typeof digest === 'string' &&
    digest.length <= 32
  );
}

function isEvent(value: unknown): boolean {
  if (!isObject<LoggedEvent>(value)) return false;
  const { seq, at, actor, commandId, changes } = value;
  return (
    isCount(seq) &&
    seq > 0 &&
    Number.isFinite(at) &&
    typeof actor === 'string' &&
    ACTOR.test(actor) &&
    typeof commandId === 'string' &&
    areAll(changes, isChange)
  );
}

function isChange(value: unknown): boolean {
  if (!isObject<LoggedEvent['changes'][number]>(value)) return false;
  const { index, subject, type, v, isEssential } = value;
  return (
    isCount(index) &&
    isSubject(subject) &&
    typeof type === 'string' &&
    Number.isSafeInteger(v) &&
    'data' in value &&
    (isEssential === undefined || isEssential === true)
  );
}

function isSnapshot(value: unknown): boolean {
  if (!isObject<SubjectSnapshot>(value)) return false;
  const { subject, asOf, root, items, isComplete } = value;
  return (
    isSubject(subject) &&
    Number.isSafeInteger(asOf) &&
    isRow<SubjectSnapshot['root']>(root) &&
    Number.isSafeInteger(root.bornSeq) &&
    typeof isComplete === 'boolean' &&
    areAll(items, isItem)
  );
}

function isItem(value: unknown): boolean {
  if (!isObject<SubjectSnapshot['items'][number]>(value)) return false;
  const { table, row } = value;
  return (
    typeof table === 'string' &&
    isRow<SubjectSnapshot['items'][number]['row']>(row) &&
    typeof row.subjectId === 'string' &&
    Number.isSafeInteger(row.position)
  );
}

function isRow<Row extends { id: string; asOf: number }>(value: unknown): value is Fields<Row> {
  return isObject<Row>(value) && typeof value.id === 'string' && Number.isSafeInteger(value.asOf);
}

function isSubject(value: unknown): boolean {
  return typeof value === 'string' && SUBJECT.test(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject<Shape>(value: unknown): value is Fields<Shape> {
  return typeof value === 'object' && value !== null;
}

function areAll(values: unknown, isRight: (value: unknown) => boolean): boolean {
  if (!Array.isArray(values)) return false;
  for (const value of values) if (!isRight(value)) return false;
  return true;
}
