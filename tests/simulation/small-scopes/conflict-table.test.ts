import { beforeAll, expect, test } from 'vitest';
import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../../shared/domain/conversation/message.ts';
import { findCommand } from '../../../shared/domain/registry.ts';
import type { RootRow, Seen } from '../../../shared/domain/subject/subject-kind.ts';
import { DomainWorld, system, webChat } from '../../fakes/domain-world.ts';
import { type Model, type Step, type Written, applyStep, startModel } from './conflict-model.ts';

/**
 * Exhaustive in a small scope (SYNC §1.5): two agents who write on what they see, own pending commands included, and a
 * customer's message or a timer; every merge of what they wrote is decided and folded by the real domain, and compared with
 * a model that knows the rules and no line of the product.
 */
const SNOOZE_UNTIL = Date.UTC(2025, 0, 6, 20);

function stepsOf(by: string): Step[] {
  const other = by === 'lan' ? 'minh' : 'lan';
  return [
    { type: 'reply', text: 'now', isLate: false, isConfirmed: false },
    { type: 'reply', text: 'late', isLate: true, isConfirmed: false },
    { type: 'reply', text: 'anyway', isLate: true, isConfirmed: true },
    { type: 'note', text: 'note', mentions: [] },
    { type: 'note', text: 'look', mentions: [other] },
    { type: 'assign', ids: ['a'], to: by, isForced: false },
    { type: 'assign', ids: ['a'], to: null, isForced: false },
    { type: 'assign', ids: ['a'], to: other, isForced: false },
    { type: 'assign', ids: ['a'], to: by, isForced: true },
    { type: 'assign', ids: ['b', 'a'], to: by, isForced: false },
    { type: 'close', ids: ['a'] },
    { type: 'close', ids: ['b', 'a'] },
    { type: 'reopen' },
    { type: 'wait' },
    { type: 'snooze', until: null },
    { type: 'snooze', until: SNOOZE_UNTIL },
    { type: 'escalate', tier: null },
    { type: 'escalate', tier: 3 },
    { type: 'move', to: 'returns' },
    { type: 'move', to: 'sales' },
    { type: 'tag', add: ['x'], remove: [] },
    { type: 'tag', add: ['y'], remove: ['x'] },
    { type: 'priority', priority: 'high' },
    { type: 'priority', priority: 'urgent' },
  ];
}

const others: Step[] = [
  { type: 'customer', text: 'again' },
  { type: 'wake', until: SNOOZE_UNTIL },
];

/** Both sides at one moment. */
interface Point {
  world: DomainWorld;
  model: Model;
}

const beginnings: { name: string; first: { by: string; step: Step }[] }[] = [
  { name: 'new', first: [] },
  {
    name: 'answered by Lan',
    first: [{ by: 'lan', step: { type: 'reply', text: 'hi', isLate: false, isConfirmed: false } }],
  },
  { name: 'with Minh', first: [{ by: 'minh', step: { type: 'assign', ids: ['a'], to: 'minh', isForced: false } }] },
  { name: 'closed', first: [{ by: 'lan', step: { type: 'close', ids: ['a'] } }] },
  { name: 'asleep', first: [{ by: 'minh', step: { type: 'snooze', until: SNOOZE_UNTIL } }] },
  {
    name: 'waiting, tagged',
    first: [
      { by: 'lan', step: { type: 'tag', add: ['x'], remove: [] } },
      { by: 'lan', step: { type: 'wait' } },
    ],
  },
  { name: 'escalated', first: [{ by: 'lan', step: { type: 'escalate', tier: null } }] },
];

let desk: DomainWorld;
let checked = 0;
const refusals = new Set<string>();

beforeAll(() => {
  desk = DomainWorld.withDesk();
  for (const id of ['a', 'b'])
    receive(desk, { conversationId: id, messageId: `first of ${id}`, text: 'first', id: `start ${id}` });
});

test.each(beginnings)(
  'SYNC-C2 SYNC-C6 SYNC §1.5 $name: one command of each of two agents and a customer or a timer, in every order',
  ({ first }) => {
    const before = checked;
    const start = begin(first);
    for (const [a, b] of [
      ['lan', 'minh'],
      ['lan', 'linh'],
    ] as const) {
      for (const stepOfA of stepsOf(a)) {
        for (const stepOfB of stepsOf(b)) {
          const lanes = [write(start, a, [stepOfA]), write(start, b, [stepOfB])];
          for (const other of others) merge(start, [...lanes, [outside(start, other)]], []);
        }
      }
    }
    report(before);
  },
);

test.each(beginnings.filter(({ name }) => name === 'new' || name === 'with Minh' || name === 'closed'))(
  'SYNC-R1 SYNC-O2 SYNC §1.5 $name: two commands of one agent, the second on top of the first, and one of another, in every order',
  ({ first }) => {
    const before = checked;
    const start = begin(first);
    for (const [a, b] of [
      ['minh', 'linh'],
      ['linh', 'lan'],
    ] as const) {
      const ofB = stepsOf(b).map((step) => write(start, b, [step]));
      for (const one of stepsOf(a)) {
        for (const two of stepsOf(a)) {
          const lane = write(start, a, [one, two]);
          for (const other of ofB) merge(start, [lane, other], []);
        }
      }
    }
    report(before);
  },
);

test('SYNC §1.5 every kind of refusal that the rules know was met', () => {
  expect([...refusals].toSorted()).toEqual([
    'conflict/assigned-meanwhile',
    'conflict/changed-meanwhile',
    'forbidden/assigned-to-other',
    'forbidden/conversation-not-visible',
    'forbidden/lead-only',
    'invalid/tier-highest',
    'stale/conversation-moved-on',
    'stale/customer-wrote-again',
  ]);
});

function report(before: number): void {
  expect(checked - before).toBeGreaterThan(1000);
  console.log(`  ${(checked - before).toLocaleString('en')} interleavings compared with the model`);
}

function begin(first: { by: string; step: Step }[]): Point {
  let point: Point = { world: desk.copy(), model: startModel() };
  for (const [index, { by, step }] of first.entries()) {
    const written = { id: `first ${index}`, by, step, confirmed: point.model, predicted: point.model };
    const outcome = decideBoth(point, { written, base: observe(point.world, point.world, written) });
    if (typeof outcome === 'string') throw new Error(outcome);
    point = outcome;
  }
  return point;
}

/** A command with what it was based on, as its agent saw it. */
interface Issued {
  written: Written;
  base: unknown;
}

/** What one agent writes without hearing of the others. What is refused on the spot is not written. */
function write(start: Point, by: string, steps: readonly Step[]): Issued[] {
  const issued: Issued[] = [];
  let seen = start;
  for (const [index, step] of steps.entries()) {
    const written = { id: `${by} ${index}`, by, step, confirmed: start.model, predicted: seen.model };
    const base = observe(start.world, seen.world, written);
    const next = decideBoth(seen, { written, base }, true);
    if (typeof next === 'string') {
      refusals.add(next);
      continue;
    }
    seen = next;
    issued.push({ written, base });
  }
  return issued;
}

function outside(start: Point, step: Step): Issued {
  return { written: { id: step.type, by: '', step, confirmed: start.model, predicted: start.model }, base: undefined };
}

/** Every order in which the lanes can reach the relay, each lane in its own order. */
function merge(point: Point, lanes: readonly (readonly Issued[])[], path: readonly string[]): void {
  let isEnd = true;
  for (const [index, lane] of lanes.entries()) {
    const [next, ...rest] = lane;
    if (next === undefined) continue;
    isEnd = false;
    const way = [...path, `${next.written.by} ${JSON.stringify(next.written.step)}`];
    const outcome = decideBoth(point, next);
    if (typeof outcome === 'string') refusals.add(outcome);
    const after = typeof outcome === 'string' ? point : outcome;
    const [real, wanted] = [summaryOf(after.world), summaryOfModel(after.model)];
    if (real !== wanted) expect(JSON.parse(real), way.join(', then ')).toEqual(JSON.parse(wanted));
    merge(after, lanes.with(index, rest), way);
  }
  if (isEnd) checked += 1;
}

/** Decides on both sides; they must agree on a refusal. @returns the new state, or the refusal */
function decideBoth({ world, model }: Point, { written, base }: Issued, isPrediction = false): Point | string {
  const next = world.copy();
  const outcome = run(next, written, base, isPrediction);
  const after = applyStep(model, isPrediction ? asPrediction(written) : written);
  const refusal = typeof outcome === 'string' ? outcome : null;
  const expected = typeof after === 'string' ? after : null;
  if (refusal !== expected) expect(refusal, JSON.stringify(written)).toBe(expected);
  return typeof after === 'string' ? after : { world: next, model: after };
}

/** A console never finds its own command late. */
function asPrediction(written: Written): Written {
  return written.step.type === 'reply' ? { ...written, step: { ...written.step, isLate: false } } : written;
}

function run(
  world: DomainWorld,
  written: Written,
  base: unknown,
  isPrediction: boolean,
): ReturnType<DomainWorld['run']> {
  const { id, by, step } = written;
  if (step.type === 'customer') {
    return receive(world, { conversationId: 'a', messageId: 'customer again', text: step.text, id });
  }
  if (step.type === 'wake') {
    return world.run('conversation.wake', { conversationId: 'a', until: step.until }, { by: system, commandId: id });
  }
  const isDelayed = step.type === 'reply' && step.isLate && !isPrediction;
  const { type, args } = commandOf(written);
  return world.run(type, args, { by, base, isDelayed, commandId: id });
}

function commandOf({ id, step }: Written): { type: string; args: unknown } {
  const conversationId = 'a';
  const conversationIds = ['a'];
  switch (step.type) {
    case 'reply': {
      const { text, isConfirmed } = step;
      return { type: 'message.send', args: { conversationId, messageId: id, text, writtenAt: 1, isConfirmed } };
    }
    case 'note': {
      const { text, mentions } = step;
      return { type: 'note.add', args: { conversationId, messageId: id, text, mentions, writtenAt: 1 } };
    }
    case 'assign': {
      const { ids, to, isForced } = step;
      return { type: 'conversation.assign', args: { conversationIds: ids, assigneeId: to, isForced } };
    }
    case 'move':
      return { type: 'conversation.move', args: { conversationIds, queueId: step.to } };
    case 'close':
      return { type: 'conversation.close', args: { conversationIds: step.ids } };
    case 'snooze':
      return { type: 'conversation.snooze', args: { conversationIds, until: step.until } };
    case 'escalate': {
      const args = {
        conversationId,
        escalationId: id,
        reason: 'why',
        ...(step.tier === null ? {} : { tier: step.tier }),
      };
      return { type: 'conversation.escalate', args };
    }
    case 'tag':
      return { type: 'conversation.tag', args: { conversationId, add: step.add, remove: step.remove } };
    case 'priority':
      return { type: 'conversation.setPriority', args: { conversationId, priority: step.priority } };
    default:
      return { type: `conversation.${step.type}`, args: { conversationIds } };
  }
}

/** What the console puts into `base`, by the command's own rule. */
function observe(confirmed: DomainWorld, predicted: DomainWorld, written: Written): unknown {
  const { type, args } = commandOf(written);
  const spec = findCommand(type)!;
  const seen: Seen = {
    agentId: written.by,
    confirmed: <Root extends RootRow>(subject: `${string}:${string}`) => confirmed.reader<Root>(subject),
    predicted: <Root extends RootRow>(subject: `${string}:${string}`) => predicted.reader<Root>(subject),
  };
  return spec.observe?.(seen, spec.args.parse(args));
}

function receive(
  world: DomainWorld,
  message: { conversationId: string; messageId: string; text: string; id: string },
): ReturnType<DomainWorld['run']> {
  const { conversationId, messageId, text, id } = message;
  const identity = { channelId: 'web', externalId: conversationId, isVerified: false };
  const customer = { id: `customer of ${conversationId}`, identity, profile: {} };
  const args = {
    channelId: 'web',
    messageId,
    text,
    writtenAt: 1,
    customer,
    conversationId,
    newConversationId: conversationId,
  };
  return world.run('message.receive', args, { by: webChat, commandId: id });
}

function summaryOf(world: DomainWorld): string {
  return JSON.stringify(
    (['a', 'b'] as const).map((id) => {
      const root = world.conversation(id);
      return [...fieldsOf(root), ...messagesOf(world, id)];
    }),
  );
}

function fieldsOf(root: Conversation): unknown[] {
  const { state, snoozedUntil, assigneeId, tier, queueId, tags, priority, participantIds, waitingSince } = root;
  const lists = [tags.toSorted(), participantIds];
  const escalation = root.escalation?.id ?? null;
  return [state, snoozedUntil, assigneeId, tier, escalation, queueId, ...lists, priority, waitingSince !== null];
}

function messagesOf(world: DomainWorld, conversationId: string): string[] {
  return world
    .rows()
    .map(([, row]) => row as Message)
    .filter((row) => row.subjectId === conversationId && row.kind !== 'system')
    .toSorted((one, other) => one.position - other.position)
    .map(({ author, text }) => `${author.kind === 'customer' ? 'customer' : author.id}: ${text}`);
}

function summaryOfModel(model: Model): string {
  return JSON.stringify(
    [model.a, model.b].map((one) => [
      ...[
        one.state,
        one.snoozedUntil,
        one.assignee,
        one.tier,
        one.escalations[0]?.name ?? null,
        one.queue,
        one.tags,
        one.participants,
      ],
      ...[one.priority, one.isWaiting, ...one.messages],
    ]),
  );
}
