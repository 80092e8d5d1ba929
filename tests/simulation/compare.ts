import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../shared/domain/conversation/message.ts';
import type { Customer } from '../../shared/domain/customer/customer.ts';
import type { ModelConversation, ModelLine } from './model-conversation.ts';
import type { ReferenceModel } from './reference-model.ts';
import type { HeldSubject } from './stores/stores.ts';

/** Compares what stores have with what the reference of one world says. */
export class Comparison {
  readonly #model: ReferenceModel;
  /** What was last found to be as the reference has it: neither changes, so that they need not be compared again. */
  readonly #equals = new WeakMap<HeldSubject, object>();
  /** Likewise of the lines of conversations. */
  readonly #equalLines = new WeakMap<object, ModelLine>();

  constructor(model: ReferenceModel) {
    this.#model = model;
  }

  /** How a subject as some store has it differs from the reference at `seq`; null when it does not. */
  differenceOf(subject: string, held: HeldSubject, seq: number): string | null {
    const state = this.#model.at(subject, Math.max(seq, held.root.asOf));
    if (state === null) return `${subject} is held, and there is none`;
    if (this.#equals.get(held) === state) return null;
    const difference = subject.startsWith('conversation:')
      ? this.#conversationDifference(subject, state as ModelConversation, held)
      : fieldDifference(subject, state as { [field: string]: unknown }, held);
    if (difference === null) this.#equals.set(held, state);
    return difference;
  }

  #conversationDifference(subject: string, state: ModelConversation, held: HeldSubject): string | null {
    const root = held.root as unknown as Conversation;
    if (!hasSameFields(root, state)) return fieldsDifference(subject, state, root);
    const oldest = held.items[0]?.row.position ?? 0;
    const expected = state.lines.filter((line) => held.isComplete || line.position >= oldest);
    if (held.items.length === 0 && state.lines.length > 0) return `${subject} has none of its lines`;
    for (let index = 0; index < Math.max(expected.length, held.items.length); index += 1) {
      const line = expected[index];
      const row = held.items[index]?.row;
      if (row !== undefined && line !== undefined && this.#equalLines.get(row) === line) continue;
      const item = row as unknown as Message | undefined;
      const actual = item === undefined ? 'nothing' : describe(item);
      const wanted = line === undefined ? 'nothing' : `${line.position} ${line.id} ${line.what} ${line.delivery}`;
      if (actual !== wanted) return `${subject}, line ${index}: ${actual} instead of ${wanted}`;
      this.#equalLines.set(row!, line!);
    }
    return null;
  }
}

function fieldDifference(subject: string, expected: { [field: string]: unknown }, held: HeldSubject): string | null {
  const row = held.root as unknown as { [field: string]: unknown };
  for (const [field, value] of Object.entries(expected)) {
    const actual =
      field === 'identities' ? (held.root as unknown as Customer).identities.map((one) => one.externalId) : row[field];
    if (actual !== value && JSON.stringify(actual) !== JSON.stringify(value)) {
      return `${subject}.${field} is ${JSON.stringify(actual)}, not ${JSON.stringify(value)}`;
    }
  }
  return null;
}

function hasSameFields(root: Conversation, state: ModelConversation): boolean {
  return (
    root.queueId === state.queueId &&
    root.state === state.state &&
    root.snoozedUntil === state.snoozedUntil &&
    root.assigneeId === state.assigneeId &&
    root.assignmentVersion === state.version &&
    root.priority === state.priority &&
    root.tier === state.tier &&
    isSameList(root.participantIds, state.participants) &&
    isSameList(inOrder(root.tags), inOrder(state.tags)) &&
    root.customerSeq === state.customerSeq &&
    root.lastMessageAt === state.lastMessageAt
  );
}

function inOrder(tags: readonly string[]): readonly string[] {
  return tags.length < 2 ? tags : tags.toSorted();
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((entry, index) => entry === other[index]);
}

/** Puts into words what is not the same. */
function fieldsDifference(subject: string, state: ModelConversation, root: Conversation): string {
  const fields: [string, unknown, unknown][] = [
    ['queueId', root.queueId, state.queueId],
    ['state', root.state, state.state],
    ['snoozedUntil', root.snoozedUntil, state.snoozedUntil],
    ['assigneeId', root.assigneeId, state.assigneeId],
    ['assignmentVersion', root.assignmentVersion, state.version],
    ['priority', root.priority, state.priority],
    ['tier', root.tier, state.tier],
    ['tags', root.tags.toSorted().join(), state.tags.toSorted().join()],
    ['participants', root.participantIds.join(), state.participants.join()],
    ['customerSeq', root.customerSeq, state.customerSeq],
    ['lastMessageAt', root.lastMessageAt, state.lastMessageAt],
  ];
  for (const [field, actual, expected] of fields) {
    if (actual !== expected) return `${subject}.${field} is ${String(actual)}, not ${String(expected)}`;
  }
  return `${subject} has other tags or participants`;
}

function describe({ position, id, kind, author, text, system, delivery }: Message): string {
  const what = kind === 'system' ? `system ${system?.type}` : `${kind} ${author.id} ${text}`;
  return `${position} ${id} ${what} ${delivery?.state ?? null}`;
}
