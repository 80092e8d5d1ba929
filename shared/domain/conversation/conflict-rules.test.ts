import { expect, test } from 'vitest';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';
import { lastForeignPublicSeq } from './conversation.ts';

/**
 * Commands of several agents, all written on what they saw at the beginning, arriving in every order: each order is
 * compared with a model that says in the fewest words what the rules of SYNC §1.5 are.
 */
interface Model {
  state: 'open' | 'waiting' | 'snoozed' | 'closed';
  assignee: string | null;
  tier: number;
  isWaiting: boolean;
  tags: Set<string>;
  /** Since the beginning: */
  hasCustomerWritten: boolean;
  hasAssigneeChanged: boolean;
  repliedBy: Set<string>;
}

interface Arrival {
  name: string;
  /** Runs it in the world; null or the refusal. */
  run(world: DomainWorld, seen: DomainWorld, index: number): string | null;
  /** What the rules say; null or the refusal. */
  model(model: Model): string | null;
}

const refusalOf = (outcome: ReturnType<DomainWorld['run']>): string | null =>
  typeof outcome === 'string' ? outcome : null;
const ids = { conversationIds: ['a'] };

const customerWrites: Arrival = {
  name: 'customer writes',
  run: (world, _seen, index) => refusalOf(receive(world, `in-${index}`)),
  model: (model) => {
    model.hasCustomerWritten = true;
    model.isWaiting = true;
    model.state = 'open';
    return null;
  },
};

function replies(by: string, isDelayed: boolean): Arrival {
  return {
    name: `${by} replies${isDelayed ? ' late' : ''}`,
    run: (world, seen, index) => {
      const args = { conversationId: 'a', messageId: `out-${index}`, text: 'Dạ', writtenAt: 1 };
      const base = { foreignPublicSeq: lastForeignPublicSeq(seen.conversation('a'), by) };
      return refusalOf(world.run('message.send', args, { by, base, isDelayed }));
    },
    model: (model) => {
      const hasMovedOn = model.hasCustomerWritten || [...model.repliedBy].some((other) => other !== by);
      if (isDelayed && hasMovedOn) return 'stale/conversation-moved-on';
      if (model.state === 'closed') model.state = 'open';
      if (model.assignee === null) {
        model.assignee = by;
        model.hasAssigneeChanged = true;
      }
      model.isWaiting = false;
      model.repliedBy.add(by);
      return null;
    },
  };
}

function assigns(by: string, to: string | null): Arrival {
  return {
    name: `${by} assigns to ${to}`,
    run: (world, seen) => {
      const base = { versions: { a: seen.conversation('a').assignmentVersion } };
      return refusalOf(world.run('conversation.assign', { ...ids, assigneeId: to }, { by, base }));
    },
    model: (model) => {
      if (model.hasAssigneeChanged) return 'conflict/assigned-meanwhile';
      if (model.assignee !== null && model.assignee !== by && by !== 'linh') return 'forbidden/assigned-to-other';
      model.assignee = to;
      model.hasAssigneeChanged = true;
      return null;
    },
  };
}

function setsState(type: 'wait' | 'snooze' | 'reopen', state: Model['state'], rest: object = {}): Arrival {
  return {
    name: type,
    run: (world) => refusalOf(world.run(`conversation.${type}`, { ...ids, ...rest }, { by: 'minh' })),
    model: (model) => {
      model.state = state;
      return null;
    },
  };
}

const closes: Arrival = {
  name: 'lan closes',
  run: (world, seen) => {
    const base = { customerSeqs: { a: seen.conversation('a').customerSeq } };
    return refusalOf(world.run('conversation.close', ids, { by: 'lan', base }));
  },
  model: (model) => {
    if (model.hasCustomerWritten) return 'stale/customer-wrote-again';
    if (model.state !== 'closed') model.isWaiting = false;
    model.state = 'closed';
    return null;
  },
};

function escalates(tier: number): Arrival {
  return {
    name: `linh escalates to ${tier}`,
    run: (world, _seen, index) => {
      const args = { conversationId: 'a', escalationId: `e${index}`, tier, reason: 'why', queueId: 'sales' };
      return refusalOf(world.run('conversation.escalate', args, { by: 'linh' }));
    },
    model: (model) => {
      model.tier = Math.max(model.tier, tier);
      model.assignee = null;
      model.hasAssigneeChanged = true;
      if (model.state === 'closed') model.state = 'open';
      return null;
    },
  };
}

function tags(add: string[], remove: string[]): Arrival {
  return {
    name: `tag +${add.join()} -${remove.join()}`,
    run: (world) => refusalOf(world.run('conversation.tag', { conversationId: 'a', add, remove }, { by: 'minh' })),
    model: (model) => {
      for (const tag of add) model.tags.add(tag);
      for (const tag of remove) model.tags.delete(tag);
      return null;
    },
  };
}

const arrivals: Arrival[] = [
  customerWrites,
  replies('lan', false),
  replies('lan', true),
  replies('minh', true),
  assigns('lan', 'lan'),
  assigns('minh', 'minh'),
  assigns('lan', null),
  assigns('linh', 'minh'),
  setsState('wait', 'waiting'),
  setsState('snooze', 'snoozed', { until: null }),
  setsState('reopen', 'open'),
  closes,
  escalates(2),
  escalates(3),
  tags(['x'], []),
  tags(['y'], ['x']),
];

function receive(world: DomainWorld, messageId: string): ReturnType<DomainWorld['run']> {
  const identity = { channelId: 'web', externalId: '1', isVerified: false };
  const rest = { channelId: 'web', messageId, text: 'Shop ơi', writtenAt: 1 };
  const args = { ...rest, customer: { id: 'mai', identity, profile: {} }, conversationId: 'a', newConversationId: 'a' };
  return world.run('message.receive', args, { by: webChat });
}

const beginnings: { name: string; prepare(world: DomainWorld): void; model: Partial<Model> }[] = [
  { name: 'new', prepare: () => {}, model: {} },
  {
    name: 'answered by Lan',
    prepare: (world) => replies('lan', false).run(world, world, 100),
    model: { assignee: 'lan', isWaiting: false },
  },
  {
    name: 'closed by Lan',
    prepare: (world) => {
      replies('lan', false).run(world, world, 100);
      closes.run(world, world, 101);
    },
    model: { assignee: 'lan', isWaiting: false, state: 'closed' },
  },
];

test.each(beginnings)(
  'SYNC §1.5 $name: every two and three commands, in every order, end as the rules say',
  (beginning) => {
    const seen = DomainWorld.withDesk();
    receive(seen, 'first');
    beginning.prepare(seen);
    const refused = new Set<string>();
    for (const first of arrivals) {
      for (const second of arrivals) {
        for (const third of [null, ...arrivals]) {
          const world = seen.copy();
          const model = startModel(beginning.model);
          const order = third === null ? [first, second] : [first, second, third];
          const names = order.map((arrival) => arrival.name).join(', ');
          for (const [index, arrival] of order.entries()) {
            const refusal = arrival.run(world, seen, index);
            expect(refusal, names).toBe(arrival.model(model));
            if (refusal !== null) refused.add(refusal);
          }
          expect(summaryOf(world), names).toEqual({
            state: model.state,
            assignee: model.assignee,
            tier: model.tier,
            isWaiting: model.isWaiting,
            tags: [...model.tags].toSorted(),
          });
        }
      }
    }
    expect(refused.size).toBeGreaterThanOrEqual(3);
  },
);

function startModel(rest: Partial<Model>): Model {
  return {
    state: 'open',
    assignee: null,
    tier: 1,
    isWaiting: true,
    tags: new Set(),
    hasCustomerWritten: false,
    hasAssigneeChanged: false,
    repliedBy: new Set(),
    ...rest,
  };
}

function summaryOf(world: DomainWorld) {
  const { state, assigneeId, tier, waitingSince, tags: list } = world.conversation('a');
  return { state, assignee: assigneeId, tier, isWaiting: waitingSince !== null, tags: list.toSorted() };
}
