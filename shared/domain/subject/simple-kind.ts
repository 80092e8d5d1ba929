import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { AgentAccess } from '../agent/agent-access.ts';
import { accept, defineCommand, refuse } from './define-command.ts';
import {
  type Actor,
  type CommandSpec,
  type Decision,
  type FoldChange,
  type RootRow,
  type RowChange,
  type SubjectKind,
  type SubjectReader,
  type TableSpec,
  subjectRef,
} from './subject-kind.ts';

interface SimpleKind<Fields extends z.ZodRawShape> {
  name: string;
  /** The fields of the root row, beside `id`, `asOf` and `bornSeq`. */
  fields: z.ZodObject<Fields>;
  columns?: TableSpec['columns'];
  indexes?: TableSpec['indexes'];
  searchText?: TableSpec['searchText'];
  isVisible?: (access: AgentAccess, root: RootRow) => boolean;
  visibilityFields?: readonly string[];
  isHeld?: SubjectKind['isHeld'];
  heldFields?: readonly string[];
  /** Who may write it. Administrators and the system always may. */
  mayWrite?: (actor: Actor, id: string) => boolean;
}

/**
 * A kind whose subjects are written whole by one command and have no items: queue, channel, canned reply …
 * It gets `<kind>.put` (create, or replace if `base.asOf` still fits) and `<kind>.delete`.
 */
export function defineSimpleKind<Fields extends z.ZodRawShape>(spec: SimpleKind<Fields>): SubjectKind {
  const { name } = spec;
  const putSchema = z.object({ id: z.string().min(1).max(64), fields: spec.fields });
  const baseSchema = z.object({ asOf: z.number().int() }).optional();

  const mayWrite = (actor: Actor, id: string): boolean =>
    actor.kind === 'system' ||
    (actor.kind === 'agent' && actor.access.role === 'admin') ||
    (spec.mayWrite?.(actor, id) ?? false);

  const refuseUnlessAllowed = (actor: Actor, id: string): Decision | null =>
    mayWrite(actor, id)
      ? null
      : refuse('forbidden', `Only an administrator may change a ${name}.`, { reason: 'admin-only' });

  const put: CommandSpec = defineCommand({
    type: `${name}.put`,
    args: putSchema,
    base: baseSchema,
    subjects: (args) => [subjectRef(name, args.id)],
    decide: (context, args, base) => {
      const refused = refuseUnlessAllowed(context.actor, args.id);
      if (refused) return refused;
      const subject = subjectRef(name, args.id);
      const root = context.read(subject).root();
      if (base !== undefined && root === null) {
        return refuse('gone', `This ${name} was deleted meanwhile.`, { reason: 'deleted' });
      }
      if (base !== undefined && root !== null && root.asOf !== base.asOf) {
        return { ok: false, error: changedMeanwhile(name, root) };
      }
      return accept([{ subject, type: `${name}-put`, v: 1, data: args.fields }]);
    },
  });

  const remove: CommandSpec = defineCommand({
    type: `${name}.delete`,
    args: z.object({ id: z.string().min(1).max(64) }),
    subjects: (args) => [subjectRef(name, args.id)],
    decide: (context, args) => {
      const refused = refuseUnlessAllowed(context.actor, args.id);
      if (refused) return refused;
      const subject = subjectRef(name, args.id);
      if (context.read(subject).root() === null) {
        return refuse('gone', `This ${name} was deleted already.`, { reason: 'deleted' });
      }
      return accept([{ subject, type: `${name}-deleted`, v: 1, data: {} }]);
    },
  });

  return {
    name,
    tables: [
      {
        name: tableName(name),
        role: 'root',
        columns: spec.columns ?? {},
        indexes: spec.indexes ?? [],
        ...(spec.searchText === undefined ? {} : { searchText: spec.searchText }),
      },
    ],
    changes: {
      [`${name}-put`]: { v: 1, schema: spec.fields },
      [`${name}-deleted`]: { v: 1, schema: z.object({}) },
    },
    commands: [put, remove],
    fold: (reader, change) => foldSimple(name, reader, change),
    isVisible: spec.isVisible ?? (() => true),
    visibilityFields: spec.visibilityFields ?? [],
    isHeld: spec.isHeld ?? (() => true),
    heldFields: spec.heldFields ?? [],
    tailLength: 0,
  };
}

function foldSimple(name: string, reader: SubjectReader, change: FoldChange): RowChange[] {
  const table = tableName(name);
  const id = change.subject.slice(name.length + 1);
  if (change.type === `${name}-deleted`) return [{ op: 'delete', table, id }];
  const bornSeq = reader.root()?.bornSeq ?? change.seq;
  const row = { ...(change.data as object), id, bornSeq, asOf: change.seq };
  return [{ op: 'put', table, row }];
}

/** SQL table of a kind: `canned-reply` is kept in `canned_reply`. */
function tableName(kind: string): string {
  return kind.replaceAll('-', '_');
}

function changedMeanwhile(name: string, root: RootRow): AppError {
  return new AppError('conflict', `Somebody else changed this ${name} meanwhile; look at it again.`, {
    reason: 'changed-meanwhile',
    current: root,
  });
}
