import type { Agent } from '../../shared/domain/agent/agent.ts';
import { accessOf } from '../../shared/domain/agent/agent.ts';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { findCommand, kindOf, subjectKinds } from '../../shared/domain/registry.ts';
import { foldChanges } from '../../shared/domain/subject/fold-changes.ts';
import {
  type Actor,
  type Change,
  type FoldChange,
  type ItemRow,
  type RootRow,
  type RowChange,
  type SubjectReader,
  type SubjectRef,
  actorRef,
  parseSubjectRef,
  positionOf,
  subjectRef,
} from '../../shared/domain/subject/subject-kind.ts';
import { planErasure } from '../../src-relay/event-log/plan-erasure.ts';

export const system: Actor = { kind: 'system', name: 'test' };
export const webChat: Actor = { kind: 'channel', id: 'web' };

interface CommandOptions {
  by?: Actor | string;
  base?: unknown;
  isDelayed?: boolean;
  /** Made up unless given: a prediction and the command itself have the same. */
  commandId?: string;
  /** Of a channel: the seq up to which it knew of erasures. */
  knownSeq?: number;
}

/** What became of a command: its changes, or what it was refused with, as `kind/reason`. */
export type Outcome = { changes: Change[]; output?: unknown } | string;

/** The domain on rows in memory: `decide`, then `fold`, as relay and console do, and nothing else. */
export class DomainWorld {
  now = Date.UTC(2025, 0, 6, 8);
  seq = 0;
  readonly log: FoldChange[][] = [];
  readonly #rows: Map<string, RootRow | ItemRow>;
  #commands = 0;

  constructor(rows: Iterable<[string, RootRow | ItemRow]> = []) {
    this.#rows = new Map(rows);
  }

  /** A queue, a channel into it, agents by name with the role and queues given. */
  static withDesk(): DomainWorld {
    const world = new DomainWorld();
    const queue = (id: string, escalationQueueId: string | null, rest: object = {}): void => {
      const fields = { name: id, reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId, ...rest };
      world.must('queue.put', { id, fields }, { by: system });
    };
    queue('sales', 'experts');
    queue('returns', null, { keepAssigneeOnReopen: false, reopenDays: 2 });
    queue('experts', null);
    for (const [id, queueId] of [
      ['web', 'sales'],
      ['returns-chat', 'returns'],
    ]) {
      const fields = { kind: 'web-chat', name: id, queueId, maxTextLength: 100 };
      world.must('channel.put', { id, fields }, { by: system });
    }
    world.putAgent('lan', 'agent', ['sales', 'returns']);
    world.putAgent('minh', 'agent', ['sales']);
    world.putAgent('thu', 'specialist', ['experts']);
    world.putAgent('quan', 'manager', []);
    world.putAgent('linh', 'lead', ['sales', 'returns', 'experts']);
    world.putAgent('chu', 'admin', []);
    world.putAgent('hoa', 'agent', ['sales'], false);
    return world;
  }

  putAgent(id: string, role: Agent['role'], queueIds: string[], isActive = true): void {
    const fields = { name: id, email: `${id}@shop.example`, role, queueIds, languages: ['vi'], isActive };
    this.must('agent.put', { id, fields }, { by: system });
  }

  /** Decides a command and, unless it is refused, folds it in. `by` may be the id of an agent. */
  run(type: string, args: unknown, options: CommandOptions = {}): Outcome {
    const { by = 'lan', base, isDelayed = false } = options;
    const spec = findCommand(type);
    if (spec === undefined) throw new Error(`no command ${type}`);
    const parsed = spec.args.safeParse(args);
    const parsedBase = spec.base?.safeParse(base);
    if (!parsed.success || parsedBase?.success === false) return 'invalid/malformed-command';
    const actor: Actor = typeof by === 'string' ? { kind: 'agent', access: accessOf(this.agent(by)) } : by;
    this.#commands += 1;
    const context = {
      actor,
      commandId: options.commandId ?? `command-${this.#commands}`,
      now: this.now,
      isDelayed,
      ...(options.knownSeq === undefined ? {} : { knownSeq: options.knownSeq }),
      read: <Root extends RootRow>(subject: SubjectRef) => this.reader<Root>(subject),
      erase: (subject: SubjectRef) =>
        planErasure({ read: (one) => this.reader(one), listOwned: (owner) => this.#listOwned(owner) }, subject),
    };
    const decision = spec.decide(context, parsed.data, parsedBase?.data);
    if (!decision.ok) return `${decision.error.kind}/${decision.error.details.reason ?? ''}`;
    this.append(decision.changes, actor);
    return decision;
  }

  /** As `run`, for what is to go through. */
  must(type: string, args: unknown, options?: CommandOptions): Change[] {
    const outcome = this.run(type, args, options);
    if (typeof outcome === 'string') throw new Error(`${type} was refused: ${outcome}`);
    return outcome.changes;
  }

  append(changes: readonly Change[], actor: Actor): void {
    if (changes.length === 0) return;
    this.seq += 1;
    const { seq, now: at } = this;
    const full = changes.map((change, index) => {
      kindOf(change.subject)!.changes[change.type]!.schema.parse(change.data);
      return { ...change, seq, at, actor: actorRef(actor), position: positionOf(seq, index) };
    });
    this.log.push(full);
    this.fold(full);
  }

  /** Folds the changes of one event. */
  fold(changes: readonly FoldChange[]): void {
    for (const [subject, list] of Map.groupBy(changes, (change) => change.subject)) {
      const outcome = foldChanges(this.reader(subject), list);
      if (!outcome.known) throw new Error(`fold does not know ${list[0]?.type}`);
      for (const row of outcome.rows) this.#apply(subject, row);
    }
  }

  reader<Root extends RootRow>(subject: SubjectRef): SubjectReader<Root> {
    const { id: subjectId } = parseSubjectRef(subject);
    const rootTable = kindOf(subject)?.tables[0]?.name;
    return {
      root: () => (this.#rows.get(`${rootTable}/${subjectId}`) ?? null) as Root | null,
      item: <Item extends ItemRow>(table: string, id: string) => {
        const row = this.#rows.get(`${table}/${id}`) as ItemRow | undefined;
        return row?.subjectId === subjectId ? (row as Item) : null;
      },
    };
  }

  agent(id: string): Agent {
    return this.#rows.get(`agent/${id}`) as Agent;
  }

  conversation(id: string): Conversation {
    return this.#rows.get(`conversation/${id}`) as Conversation;
  }

  message(id: string): Message {
    return this.#rows.get(`message/${id}`) as Message;
  }

  /** Every row, for comparison. */
  rows(): [string, RootRow | ItemRow][] {
    return [...this.#rows].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The same state, to be changed apart. */
  copy(): DomainWorld {
    const world = new DomainWorld(this.#rows);
    world.now = this.now;
    world.seq = this.seq;
    world.#commands = this.#commands;
    return world;
  }

  #listOwned(owner: SubjectRef): SubjectRef[] {
    return subjectKinds.flatMap(({ name, tables, erasure }) => {
      const rows = [...this.#rows].filter(([key]) => erasure !== undefined && key.startsWith(`${tables[0]!.name}/`));
      return rows.flatMap(([, row]) => (erasure!.ownerOf(row as RootRow) === owner ? [subjectRef(name, row.id)] : []));
    });
  }

  #apply(subject: SubjectRef, row: RowChange): void {
    if (row.op === 'put') {
      this.#rows.set(`${row.table}/${row.row.id}`, row.row);
      return;
    }
    this.#rows.delete(`${row.table}/${row.id}`);
    if (row.table !== kindOf(subject)?.tables[0]?.name) return;
    for (const [key, one] of this.#rows) if ('subjectId' in one && one.subjectId === row.id) this.#rows.delete(key);
  }
}
