import { expect, test } from 'vitest';
import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../../shared/domain/conversation/message.ts';
import type { Customer } from '../../../shared/domain/customer/customer.ts';
import type { SharedDraft } from '../../../shared/domain/draft/draft.ts';
import { findCommand } from '../../../shared/domain/registry.ts';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import { DomainWorld, system, webChat } from '../../fakes/domain-world.ts';

/**
 * The row of `customer.erase` in SYNC §1.5: every sequence of two, three and four of what agents, a channel and an
 * administrator write on what they saw before, compared with a model that knows the rule and no line of the product.
 */
interface Model {
  isErased: boolean;
  /** Null while nobody of this id is known. */
  name: string | null;
  hasFirst: boolean;
  isAssignedAnew: boolean;
  draft: string | null;
  /** What was said, notes too. */
  texts: string[];
}

interface Step {
  name: string;
  run(world: DomainWorld, seen: DomainWorld): ReturnType<DomainWorld['run']>;
  /** @returns the refusal, or null */
  model(model: Model): string | null;
}

const GONE = 'gone/customer-erased';
const OWNER = 'customer:mai';

let ids = 0;
function newId(): string {
  ids += 1;
  return `id-${ids}`;
}

/** A command of an agent about the conversation that everybody saw. */
function ofAgent(type: string, by: string, args: () => object, apply: (model: Model) => string | null): Step {
  return {
    name: `${by} ${type}`,
    run: (world, seen) => {
      const spec = findCommand(type)!;
      const given = args();
      const reader = seen.reader.bind(seen);
      const base = spec.observe?.({ agentId: by, confirmed: reader, predicted: reader }, spec.args.parse(given));
      return world.run(type, given, { by, base });
    },
    model: (model) => (model.hasFirst ? apply(model) : GONE),
  };
}

function receive(world: DomainWorld, text: string, conversationId: string | null, knownSeq: number) {
  const identity = { channelId: 'web', externalId: 'mai', isVerified: true };
  const customer = { id: 'mai', identity, profile: { name: 'Mai' } };
  const rest = { channelId: 'web', newConversationId: newId(), messageId: newId(), writtenAt: 1 };
  return world.run('message.receive', { ...rest, customer, conversationId, text }, { by: webChat, knownSeq });
}

const steps: Step[] = [
  ofAgent(
    'message.send',
    'lan',
    () => ({ conversationId: 'a', messageId: newId(), text: 'reply', writtenAt: 1 }),
    (model) => {
      model.texts.push('reply');
      return null;
    },
  ),
  ofAgent(
    'note.add',
    'minh',
    () => ({ conversationId: 'a', messageId: newId(), text: 'note', mentions: [], writtenAt: 1 }),
    (model) => {
      model.texts.push('note');
      return null;
    },
  ),
  ofAgent(
    'conversation.assign',
    'linh',
    () => ({ conversationIds: ['a'], assigneeId: 'minh', isForced: false }),
    (model) => {
      if (model.isAssignedAnew) return 'conflict/assigned-meanwhile';
      model.isAssignedAnew = true;
      return null;
    },
  ),
  ofAgent(
    'draft.write',
    'lan',
    () => ({ conversationId: 'a', agentId: 'lan', kind: 'reply', text: 'draft', attachments: [], continues: null }),
    (model) => {
      model.draft = 'draft';
      return null;
    },
  ),
  {
    name: 'the channel reports a delivery',
    run: (world) =>
      world.run('delivery.update', { conversationId: 'a', messageIds: ['m0'], state: 'read' }, { by: webChat }),
    model: ({ hasFirst }) => (hasFirst ? null : GONE),
  },
  {
    name: 'lan customer.update',
    run: (world) => world.run('customer.update', { customerId: 'mai', profile: { name: 'Mai Trần' } }),
    model: (model) => {
      if (model.name === null) return GONE;
      model.name = 'Mai Trần';
      return null;
    },
  },
  {
    name: 'a message that was on its way',
    run: (world, seen) => receive(world, 'on its way', 'a', seen.seq),
    model: (model) => {
      if (model.isErased) return GONE;
      model.texts.push('on its way');
      return null;
    },
  },
  {
    name: 'the customer writes',
    run: (world) => receive(world, 'again', world.conversation('a') === undefined ? null : 'a', world.seq),
    model: (model) => {
      model.name ??= 'Mai';
      model.texts.push('again');
      return null;
    },
  },
  ...['chu', 'linh'].map((by): Step => ({
    name: `${by} customer.erase`,
    run: (world) => world.run('customer.erase', { customerId: 'mai' }, { by }),
    model: (model) => {
      if (by !== 'chu') return 'forbidden/admin-only';
      if (model.name === null) return 'not_found/no-such-customer';
      Object.assign(model, { isErased: true, name: null, hasFirst: false, draft: null, texts: [] });
      return null;
    },
  })),
];

/** What there is of the customer, by the rows. */
function summaryOf(world: DomainWorld): Pick<Model, 'name' | 'hasFirst' | 'draft' | 'texts'> & { erasures: string[] } {
  const rows = world.rows();
  const messages = rows.flatMap(([key, row]) => (key.startsWith('message/') ? [row as Message] : []));
  const draft = rows.find(([key]) => key.startsWith('draft/'))?.[1] as SharedDraft | undefined;
  const conversations = rows.flatMap(([key, row]) => (key.startsWith('conversation/') ? [row as Conversation] : []));
  const living = new Set(conversations.map(({ id }) => id));
  for (const { subjectId } of messages) expect(living).toContain(subjectId);
  return {
    name: world.reader<Customer>(OWNER).root()?.name ?? null,
    hasFirst: living.has('a'),
    draft: draft?.text ?? null,
    texts: messages.flatMap(({ kind, text }) => (kind === 'system' ? [] : [text])).toSorted(),
    erasures: (['customer:mai', 'conversation:a'] as SubjectRef[]).filter(
      (subject) => world.reader(`erasure:${subject}`).root() !== null,
    ),
  };
}

function summaryOfModel({ isErased, name, hasFirst, draft, texts }: Model): ReturnType<typeof summaryOf> {
  const erasures = isErased ? ['customer:mai', 'conversation:a'] : [];
  return { name, hasFirst, draft, texts: texts.toSorted(), erasures };
}

/** Goes on from here in every way. @returns how many sequences there were */
function goOn(point: { world: DomainWorld; model: Model }, start: DomainWorld, left: number, path: string[]): number {
  if (left === 0) return 1;
  let count = 0;
  for (const step of steps) {
    const world = point.world.copy();
    const model = structuredClone(point.model);
    const way = [...path, step.name];
    const outcome = step.run(world, start);
    expect(typeof outcome === 'string' ? outcome : null, way.join(', then ')).toBe(step.model(model));
    expect(summaryOf(world), way.join(', then ')).toEqual(summaryOfModel(model));
    count += goOn({ world, model }, start, left - 1, way);
  }
  return count;
}

test('SYNC-L7 SYNC §1.5 customer.erase: what comes before is erased with the rest, what comes after is gone, who writes again is somebody new', () => {
  const start = DomainWorld.withDesk();
  const identity = { channelId: 'web', externalId: 'mai', isVerified: true };
  const customer = { id: 'mai', identity, profile: { name: 'Mai' } };
  const rest = { channelId: 'web', conversationId: null, newConversationId: 'a', messageId: 'm-first', writtenAt: 1 };
  start.must('message.receive', { ...rest, customer, text: 'first' }, { by: webChat });
  const args = { conversationId: 'a', messageId: 'm0', text: 'answer', writtenAt: 1 };
  start.must('message.send', args, { by: 'lan', base: { foreignPublicSeq: start.seq } });
  start.must('conversation.tag', { conversationId: 'a', add: ['vip'], remove: [] }, { by: system });
  const model: Model = {
    ...{ isErased: false, name: 'Mai', hasFirst: true, isAssignedAnew: false, draft: null },
    texts: ['first', 'answer'],
  };
  const count = goOn({ world: start, model }, start, 4, []);
  expect(count).toBe(steps.length ** 4);
});
