import { beforeEach, describe, expect, test } from 'vitest';
import { DomainWorld, system, webChat } from '../../../tests/fakes/domain-world.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let world: DomainWorld;
let messages: number;

beforeEach(() => {
  world = DomainWorld.withDesk();
  messages = 0;
  write('a');
  write('b');
});

/** A customer writes in a conversation; @returns the output of the command. */
function write(conversationId: string, rest: object = {}): unknown {
  messages += 1;
  const outcome = world.run(
    'message.receive',
    {
      channelId: 'web',
      customer: {
        id: `customer-${conversationId}`,
        identity: { channelId: 'web', externalId: conversationId, isVerified: false },
        profile: { name: 'Mai' },
      },
      conversationId,
      newConversationId: conversationId,
      messageId: `in-${messages}`,
      text: 'Shop ơi',
      writtenAt: world.now,
      ...rest,
    },
    { by: webChat },
  );
  return typeof outcome === 'string' ? outcome : outcome.output;
}

function assign(conversationIds: string[], assigneeId: string | null, by: string, rest: object = {}) {
  const versions = Object.fromEntries(conversationIds.map((id) => [id, world.conversation(id).assignmentVersion]));
  return world.run('conversation.assign', { conversationIds, assigneeId }, { by, base: { versions }, ...rest });
}

function close(conversationIds: string[], by = 'lan') {
  const seqs = conversationIds.map((id) => [id, world.conversation(id).customerSeq] as const);
  return world.run('conversation.close', { conversationIds }, { by, base: { customerSeqs: Object.fromEntries(seqs) } });
}

describe('assigning', () => {
  test('SYNC §1.5 the first claim wins, the second is told who has it', () => {
    const versions = { a: world.conversation('a').assignmentVersion };
    const claim = (by: string) =>
      world.run('conversation.assign', { conversationIds: ['a'], assigneeId: by }, { by, base: { versions } });
    expect(claim('lan')).not.toBeTypeOf('string');
    expect(claim('minh')).toBe('conflict/assigned-meanwhile');
    expect(world.conversation('a').assigneeId).toBe('lan');
  });

  test('SYNC §1.5 a version that came back to the same assignee is another version all the same', () => {
    const versions = { a: world.conversation('a').assignmentVersion };
    assign(['a'], 'lan', 'lan');
    assign(['a'], null, 'lan');
    const outcome = world.run(
      'conversation.assign',
      { conversationIds: ['a'], assigneeId: 'minh' },
      { by: 'minh', base: { versions } },
    );
    expect(outcome).toBe('conflict/assigned-meanwhile');
  });

  test.each([
    ['lan', 'her own', 'lan', undefined],
    ['minh', 'another’s', 'lan', 'forbidden/assigned-to-other'],
    ['linh', 'another’s, as a lead', 'lan', undefined],
    ['chu', 'another’s, as an administrator', 'lan', undefined],
  ])('%s may give away %s or is refused', (by, _what, holder, refusal) => {
    assign(['a'], holder, holder);
    const outcome = assign(['a'], 'minh', by);
    expect(typeof outcome === 'string' ? outcome : undefined).toBe(refusal);
  });

  test('a lead may take over whoever has it by now; an agent may not', () => {
    assign(['a'], 'lan', 'lan');
    const force = (by: string) =>
      world.run(
        'conversation.assign',
        { conversationIds: ['a'], assigneeId: by, isForced: true },
        { by, base: { versions: {} } },
      );
    expect(force('minh')).toBe('forbidden/lead-only');
    expect(force('linh')).not.toBeTypeOf('string');
    expect(world.conversation('a').assigneeId).toBe('linh');
  });

  test.each([
    ['who has left', 'hoa'],
    ['who never was', 'nobody'],
  ])('nobody is assigned %s', (_who, agentId) => {
    expect(assign(['a'], agentId, 'lan')).toBe('not_found/no-such-agent');
  });

  test('SYNC-C6 one of many that cannot be assigned stops all of them', () => {
    assign(['b'], 'minh', 'minh');
    expect(assign(['a', 'b'], 'lan', 'lan')).toBe('forbidden/assigned-to-other');
    expect(world.conversation('a').assigneeId).toBeNull();
  });
});

describe('moving', () => {
  test.each([
    ['keeps an assignee who serves the new queue', 'lan', 'lan'],
    ['clears one who does not', 'minh', null],
  ])('a move %s', (_what, holder, expected) => {
    assign(['a'], holder, holder);
    const { assignmentVersion } = world.conversation('a');
    world.must('conversation.move', { conversationIds: ['a'], queueId: 'returns' }, { by: 'linh' });
    expect(world.conversation('a')).toMatchObject({ queueId: 'returns', assigneeId: expected });
    // Only a change of assignee makes a new version.
    expect(world.conversation('a').assignmentVersion === assignmentVersion).toBe(expected !== null);
  });

  test('where it is already it is not moved, and nothing is said', () => {
    expect(world.must('conversation.move', { conversationIds: ['a'], queueId: 'sales' })).toEqual([]);
  });

  test('there is no moving to a queue that does not exist, nor of what one may not see', () => {
    const move = (queueId: string, by: string) =>
      world.run('conversation.move', { conversationIds: ['a'], queueId }, { by });
    expect(move('nowhere', 'lan')).toBe('not_found/no-such-queue');
    expect(move('experts', 'thu')).toBe('forbidden/conversation-not-visible');
  });
});

describe('state', () => {
  test('SYNC §1.5 closing is refused once the customer has written what the agent has not seen', () => {
    const base = { customerSeqs: { a: world.conversation('a').customerSeq } };
    write('a');
    expect(world.run('conversation.close', { conversationIds: ['a'] }, { base })).toBe('stale/customer-wrote-again');
    expect(close(['a'])).not.toBeTypeOf('string');
    expect(world.conversation('a')).toMatchObject({ state: 'closed', closedAt: world.now, waitingSince: null });
  });

  test('closing what is closed says nothing and does not move the time of closing', () => {
    close(['a']);
    const { closedAt } = world.conversation('a');
    world.now += DAY_MS;
    expect(close(['a'])).toMatchObject({ changes: [] });
    expect(world.conversation('a').closedAt).toBe(closedAt);
  });

  test.each([
    ['waiting', 'conversation.wait', {}],
    ['snoozed', 'conversation.snooze', { until: null }],
    ['closed', 'conversation.close', {}],
  ])('a customer’s message opens what is %s', (state, type, rest) => {
    const base = { customerSeqs: { a: world.conversation('a').customerSeq } };
    world.must(type, { conversationIds: ['a'], ...rest }, { base });
    expect(world.conversation('a').state).toBe(state);
    write('a');
    expect(world.conversation('a')).toMatchObject({ state: 'open', snoozedUntil: null, closedAt: null });
  });

  test('reopening by hand', () => {
    close(['a', 'b']);
    world.must('conversation.reopen', { conversationIds: ['a', 'b'] });
    expect(['a', 'b'].map((id) => world.conversation(id).state)).toEqual(['open', 'open']);
  });

  test('a snooze into the past is refused, unless it was written in time and waited', () => {
    const snooze = (until: number, isDelayed: boolean) =>
      world.run('conversation.snooze', { conversationIds: ['a'], until }, { isDelayed });
    expect(snooze(world.now - 1, false)).toBe('invalid/time-in-past');
    expect(snooze(1.5, true)).toBe('invalid/malformed-command');
    expect(snooze(1e300, true)).toBe('invalid/malformed-command');
    expect(snooze(world.now - 1, true)).not.toBeTypeOf('string');
  });

  test('only the relay wakes, and only the snooze it means', () => {
    const until = world.now + 1000;
    world.must('conversation.snooze', { conversationIds: ['a'], until });
    const wake = (at: number, by: typeof system | string) =>
      world.run('conversation.wake', { conversationId: 'a', until: at }, { by });
    expect(wake(until, 'lan')).toBe('forbidden/system-only');
    expect(wake(until - 1, system)).toBe('conflict/changed-meanwhile');
    expect(wake(until, system)).not.toBeTypeOf('string');
    expect(wake(until, system)).toBe('conflict/changed-meanwhile');
    expect(world.conversation('a').state).toBe('open');
  });
});

describe('escalating', () => {
  const escalate = (id: string, rest: object = {}, by = 'lan', base?: object) =>
    world.run(
      'conversation.escalate',
      { conversationId: 'a', escalationId: id, reason: 'Khách cần quản lý', ...rest },
      { by, ...(base === undefined ? {} : { base }) },
    );

  test('goes one tier up, to the queue’s escalation queue, and frees the assignment', () => {
    assign(['a'], 'lan', 'lan');
    escalate('e1');
    expect(world.conversation('a')).toMatchObject({
      tier: 2,
      queueId: 'experts',
      assigneeId: null,
      escalation: { id: 'e1', byAgentId: 'lan', fromQueueId: 'sales' },
    });
  });

  test.each([
    ['to the same tier twice stays there', [2, 2], 2],
    ['to a lower tier does not lower', [3, 2], 3],
    ['one up, twice', [undefined, undefined], 3],
    ['to the highest at once', [3], 3],
  ] as const)('SYNC §1.5 %s: the tier is the highest that was asked for', (_what, tiers, expected) => {
    for (const [index, tier] of tiers.entries()) {
      expect(escalate(`e${index}`, tier === undefined ? {} : { tier }, 'linh')).not.toBeTypeOf('string');
    }
    expect(world.conversation('a').tier).toBe(expected);
  });

  test('SYNC §1.5 two agents who escalate from the same tier raise it once', () => {
    const seen = { tier: 1 };
    expect(escalate('e1', {}, 'linh', seen)).not.toBeTypeOf('string');
    expect(escalate('e2', {}, 'linh', seen)).not.toBeTypeOf('string');
    expect(world.conversation('a').tier).toBe(2);
    escalate('e3', { tier: 3 }, 'linh');
    expect(escalate('e4', {}, 'linh', { tier: 2 })).not.toBeTypeOf('string');
    expect(world.conversation('a').tier).toBe(3);
  });

  test('needs a reason and somewhere to go', () => {
    expect(escalate('e1', { reason: ' \n' })).toBe('invalid/reason-empty');
    expect(escalate('e1', { queueId: 'nowhere' })).toBe('not_found/no-such-queue');
    escalate('e2', { tier: 3 });
    expect(escalate('e3', {}, 'linh')).toBe('invalid/tier-highest');
  });

  test('stays in its queue where that has no escalation queue', () => {
    write('r', { channelId: 'returns-chat' });
    world.must('conversation.escalate', { conversationId: 'r', escalationId: 'e', reason: 'Hoàn tiền' });
    expect(world.conversation('r')).toMatchObject({ queueId: 'returns', tier: 2 });
  });
});

describe('tags and priority', () => {
  const tag = (add: string[], remove: string[] = []) =>
    world.must('conversation.tag', { conversationId: 'a', add, remove });

  test('SYNC §1.5 tags of different agents commute; what changes nothing is no fact', () => {
    tag(['VIP ', 'đổi trả']);
    tag(['urgent'], ['vip']);
    expect(world.conversation('a').tags).toEqual(['đổi trả', 'urgent']);
    expect(tag(['urgent'], ['unknown'])).toEqual([]);
  });

  test('priority is the last that was set, and its fact keeps the old one', () => {
    const set = (priority: string) => world.must('conversation.setPriority', { conversationId: 'a', priority });
    expect(set('high')[0]?.data).toEqual({ priority: 'high', previousPriority: 'normal' });
    expect(set('high')).toEqual([]);
    expect(world.conversation('a').priority).toBe('high');
  });
});
