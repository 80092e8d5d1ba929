import type { AgentAccess } from '../../shared/domain/agent/agent-access.ts';
import { kindOf } from '../../shared/domain/registry.ts';
import type { RootRow, SubjectKind, SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import type { Commit } from '../event-log/event-log.ts';
import type { RootIndex } from './root-index.ts';

/** What a console has of a subject at its cursor. `uncertain`: it was sent amid a reset and may have been lost in it. */
export type HeldAtCursor = 'held' | 'lacking' | 'uncertain';

interface Touched {
  subject: SubjectRef;
  kind: SubjectKind;
  before: RootRow | null;
  after: RootRow | null;
}

/** All consoles are shown the same commit one after the other. */
let last: { commit: Commit; touched: Touched[] } | null = null;

/** What a commit touched, of kinds that are known. */
function touchedOf(commit: Commit): readonly Touched[] {
  if (last?.commit === commit) return last.touched;
  const touched: Touched[] = [];
  for (const [subject, { before, after }] of commit.touched) {
    const kind = kindOf(subject);
    if (kind !== undefined) touched.push({ subject, kind, before, after });
  }
  last = { commit, touched };
  return touched;
}

/**
 * Which subjects one console holds, as a rule and its exceptions instead of a list: what the agent may see and holds
 * by default, and `extra`, what the console holds beyond that (fetched by hand, or fallen out of the default). A
 * thousand sessions cost a thousand small sets, not a thousand copies of the workspace.
 *
 * Changes of membership since the console's cursor are collected here until they are taken for sending.
 */
export class HeldView {
  readonly #extra = new Set<SubjectRef>();
  #moves = new Map<SubjectRef, HeldAtCursor>();
  /** Whether something may have come or gone since `takeMoves`, so that events alone do not do. */
  #hasMoved = false;
  #access: AgentAccess;
  readonly heldSince: number;

  constructor(access: AgentAccess, heldSince: number) {
    this.#access = access;
    this.heldSince = heldSince;
  }

  get access(): AgentAccess {
    return this.#access;
  }

  isVisible(kind: SubjectKind, root: RootRow): boolean {
    return kind.isVisible(this.#access, root);
  }

  /** Whether the console holds the subject, or is to hold it, when its root is `root`. */
  holds(subject: SubjectRef, root: RootRow | null): boolean {
    const kind = root === null ? undefined : kindOf(subject);
    return root !== null && kind !== undefined && this.holdsOf(kind, subject, root);
  }

  /** As `holds`, where the kind is known. */
  holdsOf(kind: SubjectKind, subject: SubjectRef, root: RootRow): boolean {
    return (
      kind.isVisible(this.#access, root) &&
      (kind.isHeld(root, this.#access, this.heldSince) || this.#extra.has(subject))
    );
  }

  /** From now on the console holds the subject although it would not by default. */
  addExtra(subject: SubjectRef): void {
    this.#extra.add(subject);
  }

  /** Whether anything has to be sent before the cursor may go on. */
  get hasMoves(): boolean {
    return this.#moves.size > 0;
  }

  /** Whether all that was touched since `takeMoves` is what the console had and keeps: then only events are to be sent. */
  get isUnmoved(): boolean {
    return !this.#hasMoved;
  }

  /**
   * Events since `takeMoves` without what the console does not hold, where `isUnmoved`; the list itself if it holds all.
   */
  heldOf(events: readonly LoggedEvent[], index: RootIndex): readonly LoggedEvent[] {
    if (this.#holdsAllOf(events, index)) return events;
    return events.flatMap((event) => {
      const changes = event.changes.filter(({ subject }) => this.#heldUnmoved(subject, index));
      if (changes.length === event.changes.length) return event;
      return changes.length === 0 ? [] : { ...event, changes };
    });
  }

  #holdsAllOf(events: readonly LoggedEvent[], index: RootIndex): boolean {
    for (const { changes } of events) {
      for (const { subject } of changes) if (!this.#heldUnmoved(subject, index)) return false;
    }
    return true;
  }

  /** Only what is beyond the default can be held without a commit having noted it. */
  #heldUnmoved(subject: SubjectRef, index: RootIndex): boolean {
    return this.#moves.has(subject) || (this.#extra.size > 0 && this.holds(subject, index.get(subject)));
  }

  /** Notes what the console has of the subject at its cursor. What was noted first stays. */
  noteAtCursor(subject: SubjectRef, held: HeldAtCursor): void {
    this.#hasMoved = true;
    this.#note(subject, held);
  }

  #note(subject: SubjectRef, held: HeldAtCursor): void {
    if (!this.#moves.has(subject)) this.#moves.set(subject, held);
  }

  /** Corrects what the console has of a subject, if that is not what the commits so far let expect. */
  correctAtCursor(subject: SubjectRef, held: HeldAtCursor): void {
    this.#hasMoved = true;
    this.#moves.set(subject, held);
  }

  /** What was noted of the subject since `takeMoves`; undefined if nothing was. */
  movedAtCursor(subject: SubjectRef): HeldAtCursor | undefined {
    return this.#moves.get(subject);
  }

  /** Subjects touched since this was last called, each with what the console had of it before that. */
  takeMoves(): Map<SubjectRef, HeldAtCursor> {
    const moves = this.#moves;
    this.#moves = new Map();
    this.#hasMoved = false;
    return moves;
  }

  /** Takes up a commit, which `index` already contains. `access` is the agent's new access if the commit changed it. */
  apply(commit: Commit, index: RootIndex, access: AgentAccess | null): void {
    if (access === null) {
      for (const { subject, kind, before, after } of touchedOf(commit)) {
        this.#settle(kind, subject, before !== null && this.holdsOf(kind, subject, before), after);
      }
      return;
    }
    const held = new Map<SubjectRef, boolean>();
    for (const [subject, { before }] of commit.touched) held.set(subject, this.holds(subject, before));
    this.#changeAccess(access, index, held);
    for (const { subject, kind, after } of touchedOf(commit)) this.#settle(kind, subject, held.get(subject)!, after);
  }

  #settle(kind: SubjectKind, subject: SubjectRef, wasHeld: boolean, after: RootRow | null): void {
    const isVisible = after !== null && kind.isVisible(this.#access, after);
    let isHeld = isVisible && kind.isHeld(after, this.#access, this.heldSince);
    if (!isVisible) this.#extra.delete(subject);
    else if (!isHeld) {
      // What the console has it keeps while it may: an old conversation that is closed does not vanish from the screen.
      if (wasHeld) this.#extra.add(subject);
      isHeld = this.#extra.has(subject);
    }
    if (!wasHeld && !isHeld) return;
    if (!wasHeld || !isHeld) this.#hasMoved = true;
    this.#note(subject, wasHeld ? 'held' : 'lacking');
  }

  #changeAccess(access: AgentAccess, index: RootIndex, touched: ReadonlyMap<SubjectRef, boolean>): void {
    const held: SubjectRef[] = [];
    const others: SubjectRef[] = [];
    index.forEach((_kind, subject, root) => {
      if (touched.has(subject)) return;
      (this.holds(subject, root) ? held : others).push(subject);
    });
    this.#access = access;
    for (const subject of held) {
      const root = index.get(subject);
      if (!this.holds(subject, root)) this.#settle(kindOf(subject)!, subject, true, root);
    }
    for (const subject of others) {
      if (this.holds(subject, index.get(subject))) this.noteAtCursor(subject, 'lacking');
    }
  }
}
