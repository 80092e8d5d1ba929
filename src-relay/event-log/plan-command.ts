import { AppError } from '../../shared/errors.ts';
import { type Agent, accessOf } from '../../shared/domain/agent/agent.ts';
import type { Channel } from '../../shared/domain/channel/channel.ts';
import { findCommand, kindOf } from '../../shared/domain/registry.ts';
import { foldChanges } from '../../shared/domain/subject/fold-changes.ts';
import { raiseCommand } from '../../shared/domain/subject/raise-command.ts';
import {
  type Actor,
  type ActorRef,
  type Change,
  type CommandSpec,
  type FoldChange,
  type ItemRow,
  POSITIONS_PER_EVENT,
  type RootRow,
  type RowChange,
  type SubjectReader,
  type SubjectRef,
  actorRef,
  parseSubjectRef,
  positionOf,
  subjectRef,
} from '../../shared/domain/subject/subject-kind.ts';
import type { LogSubmission, Submitter } from './event-log.ts';
import { type DeliveryPart, type Effect, type PlanDelivery, effectsOf } from './effects.ts';
import { planErasure } from './plan-erasure.ts';

/** Rows as the next command of a transaction must see them. */
export interface PlanView {
  read<Root extends RootRow>(subject: SubjectRef): SubjectReader<Root>;
  /** An item by its id, whichever subject it belongs to. */
  findItem(table: string, id: string): ItemRow | null;
  /** Subjects that are erased with `owner`. */
  listOwned(owner: SubjectRef): SubjectRef[];
}

export interface PlanContext {
  view: PlanView;
  /** Seq that the event of this command would get. */
  seq: number;
  at: number;
  plan: PlanDelivery;
  hasFile(fileId: string, by: Submitter): boolean;
  listSame?: ((subject: SubjectRef) => SubjectRef[]) | undefined;
}

/** All that a command writes, before anything of it is written. */
export interface PlannedCommand {
  actor: ActorRef;
  changes: Change[];
  /** Per subject, in order of first mention. */
  rows: { subject: SubjectRef; rows: RowChange[] }[];
  effects: Effect[];
  output: unknown;
}

/**
 * Decides one command on the rows of `view` and folds what came of it. Writes nothing.
 * @throws AppError a refusal; anything else that is thrown is a mistake of ours
 */
export function planCommand(context: PlanContext, submission: LogSubmission): PlannedCommand {
  const { command } = submission;
  const spec = findSpec(command.type, command.v);
  const raised = raiseCommand(spec, command.v, command);
  const args = parse(spec.args, raised.args, command.type);
  const base = spec.base === undefined ? undefined : parse(spec.base, raised.base, command.type);
  const actor = readActor(context.view, submission.by);
  for (const fileId of spec.files?.(args) ?? []) {
    if (context.hasFile(fileId, submission.by)) continue;
    throw new AppError('blob_missing', 'The relay does not have this file; upload it and submit again.', {
      reason: 'file-missing',
      params: { fileId },
    });
  }
  const decision = spec.decide(
    {
      actor,
      commandId: command.id,
      now: context.at,
      isDelayed: submission.isDelayed,
      read: (subject) => context.view.read(subject),
      ...(submission.knownSeq === undefined ? {} : { knownSeq: submission.knownSeq }),
      erase: (subject) => planErasure(context.view, subject, context.listSame),
    },
    args,
    base,
  );
  if (!decision.ok) throw decision.error;
  const { changes } = decision;
  if (changes.length > POSITIONS_PER_EVENT) {
    throw new AppError('too_large', 'This changes too much at once; do it in parts.', { reason: 'too-many-changes' });
  }
  const by = actorRef(actor);
  const rows = foldAll(context, changes, by);
  return { actor: by, changes, rows, effects: listEffects(context, changes, rows), output: decision.output };
}

function findSpec(type: string, v: number): CommandSpec {
  const spec = findCommand(type);
  if (spec !== undefined && v <= spec.v) return spec;
  throw new AppError('incompatible', 'The relay does not know this command yet; it is older than the console.', {
    reason: 'command-unknown',
    params: { type, v },
  });
}

function parse(schema: CommandSpec['args'], value: unknown, type: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`;
  throw new AppError('invalid', `This ${type} is malformed (${where}).`, { reason: 'malformed-command' });
}

function readActor(view: PlanView, by: Submitter): Actor {
  if (by.kind !== 'agent') return by;
  const agent = view.read<Agent>(subjectRef('agent', by.agentId)).root();
  if (agent?.isActive === true) return { kind: 'agent', access: accessOf(agent) };
  throw new AppError('forbidden', 'This agent does not exist, or has left.', { reason: 'agent-inactive' });
}

function foldAll({ view, seq, at }: PlanContext, changes: readonly Change[], actor: ActorRef): PlannedCommand['rows'] {
  const bySubject = new Map<SubjectRef, FoldChange[]>();
  let index = 0;
  for (const { subject, type, v, data } of changes) {
    const full: FoldChange = { subject, type, v, data, seq, position: positionOf(seq, index), at, actor };
    const list = bySubject.get(subject);
    if (list === undefined) bySubject.set(subject, [full]);
    else list.push(full);
    index += 1;
  }
  // Two subjects of one event may want the same one.
  const newItems = bySubject.size > 1 ? new Map<string, SubjectRef>() : null;
  const folded: PlannedCommand['rows'] = [];
  for (const [subject, list] of bySubject) {
    const outcome = foldChanges(view.read(subject), list);
    if (!outcome.known) throw new Error(`decide made a change that fold does not know: ${list[0]?.type}`);
    for (const row of outcome.rows) if (row.op === 'put') refuseTakenId(view, newItems, subject, row);
    folded.push({ subject, rows: outcome.rows });
  }
  return folded;
}

/** Ids of items come from consoles and channels: one that is taken must never move or overwrite another item. */
function refuseTakenId(
  view: PlanView,
  newItems: Map<string, SubjectRef> | null,
  subject: SubjectRef,
  change: Extract<RowChange, { op: 'put' }>,
): void {
  if (!('position' in change.row)) return;
  const { id, position, subjectId } = change.row;
  const existing = view.findItem(change.table, id);
  let isTaken = existing !== null && (existing.subjectId !== subjectId || existing.position !== position);
  if (newItems !== null) {
    const key = `${change.table}/${id}`;
    isTaken ||= existing === null && newItems.has(key) && newItems.get(key) !== subject;
    newItems.set(key, subject);
  }
  if (isTaken) throw new AppError('conflict', 'This id is in use already.', { reason: 'id-taken', params: { id } });
}

function listEffects(context: PlanContext, changes: readonly Change[], folded: PlannedCommand['rows']): Effect[] {
  const { view } = context;
  const rootsAfter = new Map<SubjectRef, RootRow | null>();
  const split = (channelId: string, message: DeliveryPart): DeliveryPart[] => {
    const channel = view.read<Channel>(subjectRef('channel', channelId)).root();
    // A channel that was removed meanwhile: one part, which the delivery worker reports as failed.
    const parts = channel === null ? [] : context.plan(channel.kind, message);
    return parts.length === 0 ? [message] : parts;
  };
  for (const { subject, rows } of folded) {
    if (kindOf(subject)?.effects !== undefined) rootsAfter.set(subject, rootIn(view, subject, rows));
  }
  const effects: Effect[] = [];
  for (const change of changes) {
    const after = rootsAfter.get(change.subject);
    if (after !== null && after !== undefined) effects.push(...effectsOf(change, after, split));
  }
  return effects;
}

/** The root as the rows leave it. */
function rootIn(view: PlanView, subject: SubjectRef, rows: readonly RowChange[]): RootRow | null {
  const table = kindOf(subject)?.tables[0]?.name;
  const { id } = parseSubjectRef(subject);
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const change = rows[index]!;
    if (change.table !== table) continue;
    if (change.op === 'put' && change.row.id === id) return change.row as RootRow;
    if (change.op === 'delete' && change.id === id) return null;
  }
  return view.read(subject).root();
}
