import { findKind } from '../../shared/domain/registry.ts';
import { foldChanges } from '../../shared/domain/subject/fold-changes.ts';
import {
  type FoldChange,
  type ItemRow,
  type RootRow,
  type RowChange,
  type SubjectReader,
  type SubjectRef,
  parseSubjectRef,
  positionOf,
} from '../../shared/domain/subject/subject-kind.ts';
import { SetDigest } from '../../shared/primitives/set-digest.ts';
import type { Frame, LoggedEvent, SnapshotPage, SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';

interface Held {
  root: RootRow;
  items: Map<string, ItemRow>;
}

/** A message from the relay, by its name. */
export type Received = { [Name in keyof FromRelay]: { name: Name; message: FromRelay[Name] } }[keyof FromRelay];

interface Answer {
  /** Tells the ids that are held. */
  held(): void;
  credit(): void;
}

/** What a console makes of frames and pages, in memory: a model to compare with, not the console's cache. */
export class Replica {
  subjects = new Map<SubjectRef, Held>();
  epoch: string | null = null;
  cursor = 0;
  heldSince = 0;

  /** Does what a console does with a message of its session; `answer` says what goes back. */
  take({ name, message }: Received, answer: Answer): void {
    switch (name) {
      case 'welcome':
        this.epoch = message.epoch;
        this.heldSince = message.heldSince;
        if (message.needHeld) answer.held();
        return;
      case 'page':
        this.applyPage(message);
        answer.credit();
        return;
      case 'frame':
        this.apply(message);
        if (message.isCatchUp || message.wantsCredit === true) answer.credit();
        return;
      case 'wanted':
        if (message.answer.ok) this.enter(message.answer.snapshot);
        return;
      default:
    }
  }

  /** @throws Error when the frame does not go on from the cursor */
  apply(frame: Frame): void {
    if (frame.from !== this.cursor) throw new Error(`frame from ${frame.from} at cursor ${this.cursor}`);
    for (const subject of frame.leave) this.subjects.delete(subject);
    for (const snapshot of frame.enter) this.enter(snapshot);
    for (const event of frame.events) this.#fold(event);
    this.cursor = frame.to;
  }

  applyPage(page: SnapshotPage): void {
    if (page.page === 0) this.subjects = new Map();
    for (const snapshot of page.subjects) this.enter(snapshot);
    if (page.isLast) this.cursor = page.startSeq;
  }

  enter({ subject, root, items }: SubjectSnapshot): void {
    const held = this.subjects.get(subject);
    const known = held?.items ?? new Map<string, ItemRow>();
    for (const { table, row } of items) {
      const key = `${table}/${row.id}`;
      const current = known.get(key);
      if (current === undefined || current.asOf < row.asOf) known.set(key, row);
    }
    const isNewer = held === undefined || held.root.asOf < root.asOf;
    this.subjects.set(subject, { root: isNewer ? root : held.root, items: known });
  }

  digest(): { count: number; digest: string } {
    const digest = new SetDigest();
    for (const subject of this.subjects.keys()) digest.add(subject);
    return digest.value();
  }

  /** Ids per kind. */
  heldIds(): Map<string, string[]> {
    const byKind = new Map<string, string[]>();
    for (const subject of this.subjects.keys()) {
      const { kind, id } = parseSubjectRef(subject);
      byKind.set(kind, [...(byKind.get(kind) ?? []), id]);
    }
    return byKind;
  }

  root<Root extends RootRow>(subject: SubjectRef): Root | null {
    return (this.subjects.get(subject)?.root ?? null) as Root | null;
  }

  /** Items of a subject in order of position. */
  items<Item extends ItemRow>(subject: SubjectRef): Item[] {
    const items = [...(this.subjects.get(subject)?.items.values() ?? [])] as Item[];
    return items.toSorted((one, other) => one.position - other.position);
  }

  #fold(event: LoggedEvent): void {
    const bySubject = Map.groupBy(event.changes, ({ subject }) => subject);
    for (const [subject, changes] of bySubject) {
      const folded = foldChanges(
        this.#reader(subject),
        changes.map(({ index, type, v, data }): FoldChange => ({
          subject,
          type,
          v,
          data,
          seq: event.seq,
          position: positionOf(event.seq, index),
          at: event.at,
          actor: event.actor,
        })),
      );
      if (folded.known) for (const row of folded.rows) this.#write(subject, row);
    }
  }

  #reader(subject: SubjectRef): SubjectReader {
    const held = this.subjects.get(subject);
    return {
      root: () => held?.root ?? null,
      item: <Item extends ItemRow>(table: string, id: string) =>
        (held?.items.get(`${table}/${id}`) ?? null) as Item | null,
    };
  }

  #write(subject: SubjectRef, row: RowChange): void {
    const isRoot = findKind(parseSubjectRef(subject).kind)?.tables[0]?.name === row.table;
    const held = this.subjects.get(subject);
    if (row.op === 'delete') {
      if (isRoot) this.subjects.delete(subject);
      else held?.items.delete(`${row.table}/${row.id}`);
    } else if (isRoot) {
      this.subjects.set(subject, { root: row.row as RootRow, items: held?.items ?? new Map() });
    } else {
      held?.items.set(`${row.table}/${row.row.id}`, row.row as ItemRow);
    }
  }
}
