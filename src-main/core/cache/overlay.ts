import { type Agent, accessOf } from '../../../shared/domain/agent/agent.ts';
import type { AgentAccess } from '../../../shared/domain/agent/agent-access.ts';
import { findCommand, kindOf } from '../../../shared/domain/registry.ts';
import { raiseCommand } from '../../../shared/domain/subject/raise-command.ts';
import { OverlayReader, foldChanges } from '../../../shared/domain/subject/fold-changes.ts';
import {
  type Decision,
  type FoldChange,
  PENDING_SEQ,
  type SubjectReader,
  type SubjectRef,
  actorRef,
  positionOf,
  subjectRef,
} from '../../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../../shared/errors.ts';
import type { PendingCommand } from './pending-command.ts';
import { PendingRows } from './pending-rows.ts';
import type { ReaderStore } from './reader-store.ts';

interface PredictedSubject {
  rows: OverlayReader;
  /** `asOf` of the base row it was predicted over; -1 where there was none. */
  token: number;
  written: { table: string; rowid: number }[];
}

/** In the place of a version: predict everything anew. */
const DISTRUSTED = -1;

/**
 * What the agent sees beyond the confirmed rows: pending commands decided and folded again over them (SYNC-R1). It
 * lives with the reader and follows the base by itself: `refresh` at the beginning of each read.
 */
export class Overlay {
  readonly #store: Pick<ReaderStore, 'base' | 'pending' | 'version' | 'isApplied'>;
  readonly #agentId: string;
  readonly rows: PendingRows;
  /** Pending commands in the order in which they were given. */
  #pending: PendingCommand[] = [];
  readonly #subjects = new Map<SubjectRef, PredictedSubject>();
  /** Commands whose effect is in the base already. */
  readonly #contained = new Set<string>();
  #version = 0;

  constructor(store: Pick<ReaderStore, 'base' | 'pending' | 'version' | 'isApplied'>, agentId: string) {
    this.#store = store;
    this.#agentId = agentId;
    this.rows = new PendingRows(store.pending, store.base);
  }

  /** Brings predictions up to date with the base of this read transaction. Cheap when nothing changed. */
  refresh(): void {
    const version = this.#store.version();
    if (version === this.#version) return;
    if (this.#version === DISTRUSTED) this.#forget();
    this.#version = version;
    const stale = new Set<SubjectRef>();
    for (const { command } of this.#pending) {
      if (!this.#contained.has(command.id) && this.#store.isApplied(command.id)) {
        this.#contained.add(command.id);
        for (const subject of command.subjects) stale.add(subject as SubjectRef);
      }
    }
    for (const [subject, predicted] of this.#subjects) {
      if (this.#tokenOf(subject) !== predicted.token) stale.add(subject);
    }
    this.#predictAgain(stale);
  }

  /** Something failed in the middle: what lies in the pending tables is not to be relied on. */
  distrust(): void {
    this.#version = DISTRUSTED;
  }

  /** Adds the newest command on top of everything else. Adding it again changes nothing. */
  add(pending: PendingCommand): void {
    if (this.#pending.some(({ command }) => command.id === pending.command.id)) return;
    this.#pending.push(pending);
    for (const subject of pending.command.subjects) this.#open(subject as SubjectRef);
    this.#predict(pending);
  }

  /** Takes commands away: settled, refused or undone. @returns the subjects that may look different now */
  remove(commandIds: readonly string[]): SubjectRef[] {
    const gone = new Set(commandIds);
    const stale = new Set<SubjectRef>();
    this.#pending = this.#pending.filter(({ command }) => {
      if (!gone.has(command.id)) return true;
      this.#contained.delete(command.id);
      for (const subject of command.subjects) stale.add(subject as SubjectRef);
      return false;
    });
    this.#predictAgain(stale);
    return [...stale];
  }

  /** Decides and folds what is pending on these subjects over their rows as they are now. */
  predictAgain(subjects: readonly SubjectRef[]): void {
    this.#predictAgain(new Set(subjects.filter((subject) => this.#subjects.has(subject))));
  }

  pending(): readonly PendingCommand[] {
    return this.#pending;
  }

  /** Pending commands on a subject that its confirmed rows do not contain. */
  pendingOf(subject: SubjectRef): PendingCommand[] {
    if (!this.#subjects.has(subject)) return [];
    return this.#pending.filter(
      ({ command }) => !this.#contained.has(command.id) && command.subjects.includes(subject),
    );
  }

  /** Whether pending work may have changed the subject's rows. */
  isPredicted(subject: SubjectRef): boolean {
    return this.#subjects.has(subject);
  }

  /** A subject's rows with pending work on top. */
  reader(subject: SubjectRef): SubjectReader {
    return this.#subjects.get(subject)?.rows ?? this.#store.base.reader(subject);
  }

  /** Access of the agent who is signed in. @throws AppError `retry` while the agent's own row is not here yet */
  access(): AgentAccess {
    const agent = this.reader(subjectRef('agent', this.#agentId)).root() as Agent | null;
    if (agent === null) {
      throw new AppError('retry', 'The workspace is still being fetched; try again in a moment.', {
        reason: 'not-loaded-yet',
      });
    }
    return accessOf(agent);
  }

  /** Decides a command over what the agent sees. */
  decide(type: string, args: unknown, base: unknown, commandId: string, now: number, trustsHeld = false): Decision {
    const spec = findCommand(type);
    if (spec === undefined) return { ok: false, error: new AppError('unsupported', `There is no command ${type}.`) };
    const access = this.access();
    const context = {
      actor: { kind: 'agent', access },
      commandId,
      now,
      isDelayed: false,
      trustsHeld,
      read: (subject: SubjectRef) => this.reader(subject),
    };
    return spec.decide(context as Parameters<typeof spec.decide>[0], args, base);
  }

  #forget(): void {
    this.rows.clear();
    this.#subjects.clear();
    this.#contained.clear();
    const subjects = this.#pending.flatMap(({ command }) => command.subjects as SubjectRef[]);
    this.#predictAgain(new Set(subjects));
  }

  #predictAgain(stale: Set<SubjectRef>): void {
    if (stale.size === 0) return;
    this.#widen(stale);
    for (const subject of stale) this.#close(subject);
    for (const pending of this.#pending) {
      if (this.#contained.has(pending.command.id)) continue;
      const subjects = pending.command.subjects as SubjectRef[];
      if (!subjects.some((subject) => stale.has(subject))) continue;
      for (const subject of subjects) this.#open(subject);
      this.#predict(pending);
    }
  }

  /** A command over several subjects is decided as a whole, so they are predicted again together. */
  #widen(stale: Set<SubjectRef>): void {
    for (let size = -1; size !== stale.size;) {
      size = stale.size;
      for (const { command } of this.#pending) {
        if (command.subjects.length < 2) continue;
        const subjects = command.subjects as SubjectRef[];
        if (subjects.some((subject) => stale.has(subject))) for (const subject of subjects) stale.add(subject);
      }
    }
  }

  /** A prediction that fails is left out of the view; the command stays in the outbox (SYNC-R2). */
  #predict(pending: PendingCommand): void {
    try {
      this.#decideAndFold(pending);
    } catch {
      // Were it thrown on, one such command would keep the whole cache from being opened.
    }
  }

  #decideAndFold({ command, at }: PendingCommand): void {
    const spec = findCommand(command.type);
    if (spec === undefined) return;
    // It may have waited over an upgrade; one of this version was parsed before it was written.
    const raised = raiseCommand(spec, command.v, command);
    const args = command.v === spec.v ? raised.args : spec.args.parse(raised.args);
    const decision = this.decide(command.type, args, raised.base, command.id, at, true);
    if (!decision.ok) return;
    const seq = PENDING_SEQ + command.n;
    const bySubject = Map.groupBy(
      decision.changes.map((change, index): FoldChange => ({
        ...change,
        seq,
        position: positionOf(seq, index),
        at,
        actor: actorRef({ kind: 'agent', access: this.access() }),
      })),
      (change) => change.subject,
    );
    for (const [subject, changes] of bySubject) this.#fold(subject, changes, command.id);
  }

  #fold(subject: SubjectRef, changes: readonly FoldChange[], commandId: string): void {
    const predicted = this.#open(subject);
    if (predicted === null) return;
    const outcome = foldChanges(predicted.rows, changes);
    if (!outcome.known) return;
    predicted.rows.apply(outcome.rows);
    for (const row of outcome.rows) {
      const written = this.rows.put(subject, row, commandId);
      if (written !== null) predicted.written.push(written);
    }
  }

  #open(subject: SubjectRef): PredictedSubject | null {
    const known = this.#subjects.get(subject);
    if (known !== undefined) return known;
    const rootTable = kindOf(subject)?.tables[0]?.name;
    if (rootTable === undefined) return null;
    const rows = new OverlayReader(this.#store.base.reader(subject), rootTable);
    const predicted: PredictedSubject = { rows, token: this.#tokenOf(subject), written: [] };
    this.#subjects.set(subject, predicted);
    return predicted;
  }

  #close(subject: SubjectRef): void {
    const predicted = this.#subjects.get(subject);
    if (predicted === undefined) return;
    for (const written of predicted.written) this.rows.undo(written);
    this.#subjects.delete(subject);
  }

  #tokenOf(subject: SubjectRef): number {
    return this.#store.base.reader(subject).root()?.asOf ?? -1;
  }
}
