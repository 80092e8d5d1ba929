import type { AgentAccess } from '../../shared/domain/agent/agent-access.ts';
import type { SubjectKind, SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Hello } from '../../shared/relay-protocol/to-relay.ts';
import { HeldView } from './held-view.ts';
import type { RootIndex } from './root-index.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const WINDOW_DAYS = 30;
// A console keeps its window for a while, so that its held set stays the expected one from day to day.
const WINDOW_SLACK_DAYS = 7;

// Rough JSON sizes, to choose between a tail and a snapshot.
const EVENT_BYTES = 400;
const ROOT_BYTES = 1000;
const ITEM_BYTES = 400;

/** Where the default window begins at `now`: thirty days before this UTC day. Epoch ms. */
export function heldSinceAt(now: number): number {
  return Math.floor(now / DAY_MS) * DAY_MS - WINDOW_DAYS * DAY_MS;
}

/** The console's own window while it is not much older than today's, else today's. */
export function chooseHeldSince(hello: Hello, now: number): number {
  const current = heldSinceAt(now);
  const isRecent = hello.held.since <= current && hello.held.since > current - WINDOW_SLACK_DAYS * DAY_MS;
  return isRecent ? hello.held.since : current;
}

/** Whether the console can go on from its cursor, or has to begin anew (SYNC-S4, SYNC-L3, SYNC-L4). */
export function chooseMode(
  hello: Hello,
  log: { epoch: string; head: number; floor: number },
  index: RootIndex,
  access: AgentAccess,
): 'tail' | 'reset' {
  const isContinuing = hello.epoch === log.epoch && hello.cursor >= log.floor && hello.cursor <= log.head;
  if (!isContinuing) return 'reset';
  const tailBytes = (log.head - hello.cursor) * EVENT_BYTES;
  // Counting costs a walk over all subjects; a tail of this size is never the worse choice.
  if (tailBytes < 8 * 1024 * 1024) return 'tail';
  const view = new HeldView(access, hello.held.since);
  let snapshotBytes = 0;
  index.forEach((kind, subject, root) => {
    if (view.holdsOf(kind, subject, root)) snapshotBytes += ROOT_BYTES + kind.tailLength * ITEM_BYTES;
  });
  return tailBytes > 2 * snapshotBytes ? 'reset' : 'tail';
}

/** Whether the console holds exactly what it should hold by default (SYNC-V1); if so, it need not send its ids. */
export function isHoldingDefault(hello: Hello, index: RootIndex, access: AgentAccess): boolean {
  const view = new HeldView(access, hello.held.since);
  const { count, digest } = index.digest(
    (kind, subject, root) => root.bornSeq <= hello.cursor && view.holdsOf(kind, subject, root),
  );
  return count === hello.held.count && digest === hello.held.digest;
}

/**
 * Tells `view` what the console has at its cursor, from its held ids (SYNC-V1: by state, not by history).
 * @param held the ids it sent, or null if it holds what it should by default
 */
export function planTail(view: HeldView, index: RootIndex, hello: Hello, held: ReadonlySet<SubjectRef> | null): void {
  const isSameWindow = view.heldSince === hello.held.since;
  // It holds what it should, by the same rule; what was born since then comes by its events.
  if (held === null && isSameWindow) return;
  const before = new HeldView(view.access, hello.held.since);
  index.forEach((kind, subject, root) => {
    const isHeld =
      held === null ? root.bornSeq <= hello.cursor && before.holdsOf(kind, subject, root) : held.has(subject);
    const isWanted = view.holdsOf(kind, subject, root);
    if (isHeld === isWanted) return;
    if (!isHeld) view.noteAtCursor(subject, 'lacking');
    // What it holds beyond the default stays, until the window moves and everything old is put away at once.
    else if (isSameWindow && view.isVisible(kind, root)) view.addExtra(subject);
    else view.noteAtCursor(subject, 'held');
  });
  for (const subject of held ?? []) {
    if (index.get(subject) === null) view.noteAtCursor(subject, 'held');
  }
}

/** What a snapshot has to contain: kinds in their order, in each the most recently active first (SYNC-S4). */
export function planReset(view: HeldView, index: RootIndex): SubjectRef[] {
  const byKind = new Map<SubjectKind, { subject: SubjectRef; asOf: number }[]>();
  index.forEach((kind, subject, root) => {
    if (!view.holdsOf(kind, subject, root)) return;
    const list = byKind.get(kind) ?? [];
    list.push({ subject, asOf: root.asOf });
    byKind.set(kind, list);
  });
  return [...byKind.values()].flatMap((list) =>
    list.toSorted((one, other) => other.asOf - one.asOf).map(({ subject }) => subject),
  );
}
