import type { Database, Statement } from 'better-sqlite3';
import { subjectKinds } from '../../../shared/domain/registry.ts';
import { foldChanges } from '../../../shared/domain/subject/fold-changes.ts';
import {
  type FoldChange,
  type SubjectRef,
  parseSubjectRef,
  positionOf,
  subjectRef,
} from '../../../shared/domain/subject/subject-kind.ts';
import { SetDigest } from '../../../shared/primitives/set-digest.ts';
import type { Frame, LoggedEvent, SnapshotPage, SubjectSnapshot } from '../../../shared/relay-protocol/frames.ts';
import { cacheSchemaHash, tableSpecs } from './cache-schema.ts';
import { CachedFiles } from './cached-files.ts';
import { KnownRoots, RowSession } from './row-session.ts';
import { RowTable } from './row-table.ts';

/** What a console tells of its cache in `hello`. */
export interface CachePosition {
  epoch: string | null;
  cursor: number;
  heldSince: number;
  schema: string;
}

export type FrameOutcome =
  | { isApplied: true; cursor: number; touched: SubjectRef[] }
  /** The frame does not begin where the cache ends: resume (SYNC-S2). */
  | { isApplied: false; cursor: number };

interface MetaRow {
  epoch: string | null;
  cursor: number;
  heldSince: number;
}

/**
 * The one writer of a cache database: each frame is one transaction, its cursor with it (SYNC-S2). It knows no kind by
 * name; what a kind declares is enough.
 */
export class CacheWriter {
  readonly #database: Database;
  readonly #agentRef: string;
  readonly #tables: Map<string, RowTable>;
  readonly #known = new KnownRoots();
  readonly #setCursor: Statement<[string | null, number, number]>;
  readonly #recordCommand: Statement<[string, number]>;
  readonly files: CachedFiles;
  #meta: MetaRow;
  #digest: SetDigest | null = null;
  /** Something was deleted whose bytes may still be in the write-ahead log. */
  #hasToScrub = false;

  /** @param database with the cache's tables and its `meta` row */
  constructor(database: Database, agentId: string) {
    this.#database = database;
    this.#agentRef = `agent:${agentId}`;
    this.#tables = new Map(tableSpecs.map((spec) => [spec.name, new RowTable(database, spec)]));
    this.#setCursor = database.prepare('UPDATE meta SET epoch = ?, cursor = ?, heldSince = ?');
    this.#recordCommand = database.prepare('INSERT OR IGNORE INTO appliedCommand (id, seq) VALUES (?, ?)');
    this.files = new CachedFiles(database);
    this.#meta = database.prepare('SELECT epoch, cursor, heldSince FROM meta').get() as MetaRow;
  }

  position(): CachePosition {
    return { ...this.#meta, schema: cacheSchemaHash };
  }

  /** Count and digest of the subjects held, over their refs (SYNC-S1). */
  heldDigest(): { count: number; digest: string } {
    if (this.#digest === null) {
      const digest = new SetDigest();
      for (const kind of subjectKinds) {
        for (const id of this.#ids(kind.name)) digest.add(subjectRef(kind.name, id));
      }
      this.#digest = digest;
    }
    return this.#digest.value();
  }

  holds(subject: SubjectRef): boolean {
    const { kind, id } = parseSubjectRef(subject);
    const table = subjectKinds.find((one) => one.name === kind)?.tables[0]?.name ?? '';
    return this.#tables.get(table)?.findRoot(id) != null;
  }

  /** Ids held of a kind, in order, after `afterId`. */
  heldIds(kind: string, afterId: string, limit: number): string[] {
    const table = subjectKinds.find((one) => one.name === kind)?.tables[0]?.name;
    if (table === undefined) return [];
    return this.#database
      .prepare<[string, number], string>(`SELECT id FROM "${table}" WHERE id > ? ORDER BY id LIMIT ?`)
      .pluck()
      .all(afterId, limit);
  }

  /** Subjects with a change that this version does not understand. */
  dirtySubjects(limit: number): SubjectRef[] {
    return subjectKinds.flatMap((kind) =>
      this.#database
        .prepare<[number], string>(`SELECT id FROM "${kind.tables[0]!.name}" WHERE isDirty = 1 LIMIT ?`)
        .pluck()
        .all(limit)
        .map((id) => subjectRef(kind.name, id)),
    );
  }

  /** Applies a frame whole: leaves, enters, events, cursor. */
  applyFrame(frame: Frame, epoch: string, heldSince: number): FrameOutcome {
    if (frame.from !== this.#meta.cursor) return { isApplied: false, cursor: this.#meta.cursor };
    const touched = new Set<SubjectRef>();
    this.#transact((session) => {
      for (const subject of frame.leave) {
        session.remove(subject);
        this.files.unlink(subject);
        touched.add(subject);
      }
      for (const snapshot of frame.enter) {
        session.enter(snapshot);
        touched.add(snapshot.subject);
      }
      for (const event of frame.events) this.#applyEvent(session, event, touched);
      session.flush();
      this.#moveTo({ epoch, cursor: frame.to, heldSince });
    });
    if (frame.leave.length > 0) this.#hasToScrub = true;
    this.scrub();
    return { isApplied: true, cursor: frame.to, touched: [...touched] };
  }

  /** Applies a page of a snapshot; the last one sets the cursor (SYNC-S4). */
  applyPage(page: SnapshotPage, epoch: string, heldSince: number): { cursor: number; touched: SubjectRef[] } {
    this.#transact((session) => {
      for (const snapshot of page.subjects) session.enter(snapshot);
      session.flush();
      if (page.isLast) this.#moveTo({ epoch, cursor: page.startSeq, heldSince });
    });
    return { cursor: this.#meta.cursor, touched: page.subjects.map((snapshot) => snapshot.subject) };
  }

  /**
   * Takes the answer to a `want`: a whole subject (`before` null) or a page of older items.
   * @returns false when the subject moved on since it was read: what came meanwhile may be missing in it, so ask again
   */
  applyWanted(snapshot: SubjectSnapshot, before: number | null): boolean {
    let isTaken = true;
    this.#transact((session) => {
      const held = session.reader(snapshot.subject)?.root() ?? null;
      isTaken = held === null || held.asOf <= snapshot.root.asOf;
      if (!isTaken) return;
      if (before === null) session.enter(snapshot);
      else session.addOlder(snapshot, before);
      session.flush();
    });
    return isTaken;
  }

  /**
   * Removes deleted text from the write-ahead log as well (SYNC-V2). Readers under way put it off; the next frame tries
   * again.
   */
  scrub(): void {
    if (!this.#hasToScrub) return;
    const [result] = this.#database.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    if (result?.busy === 0) this.#hasToScrub = false;
  }

  #applyEvent(session: RowSession, event: LoggedEvent, touched: Set<SubjectRef>): void {
    if (event.actor === this.#agentRef) this.#recordCommand.run(event.commandId, event.seq);
    for (const [subject, changes] of changesBySubject(event)) {
      touched.add(subject);
      const reader = session.reader(subject);
      if (reader === null) continue;
      const outcome = foldChanges(reader, changes);
      if (outcome.known) session.apply(subject, outcome.rows, event.seq);
      else session.markDirty(subject);
    }
  }

  #transact(work: (session: RowSession) => void): void {
    const session = new RowSession(this.#tables, this.#known);
    const meta = this.#meta;
    try {
      this.#database.transaction(() => work(session)).immediate();
    } catch (error) {
      this.#known.clear();
      this.#meta = meta;
      throw error;
    }
    session.remember();
    for (const subject of session.entered) this.#digest?.add(subject);
    for (const subject of session.left) this.#digest?.remove(subject);
  }

  #moveTo(meta: MetaRow): void {
    this.#setCursor.run(meta.epoch, meta.cursor, meta.heldSince);
    this.#meta = meta;
  }

  #ids(kind: string): IterableIterator<string> {
    const table = subjectKinds.find((one) => one.name === kind)!.tables[0]!.name;
    return this.#database.prepare<[], string>(`SELECT id FROM "${table}"`).pluck().iterate();
  }
}

/** An event's changes by subject, in order: a subject's changes are folded together. */
function changesBySubject(event: LoggedEvent): Map<SubjectRef, FoldChange[]> {
  const bySubject = new Map<SubjectRef, FoldChange[]>();
  for (const { index, subject, type, v, data } of event.changes) {
    const change: FoldChange = {
      subject,
      type,
      v,
      data,
      seq: event.seq,
      position: positionOf(event.seq, index),
      at: event.at,
      actor: event.actor,
    };
    const list = bySubject.get(subject);
    if (list === undefined) bySubject.set(subject, [change]);
    else list.push(change);
  }
  return bySubject;
}
