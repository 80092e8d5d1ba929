import { beforeEach, describe, expect, test } from 'vitest';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';
import type { Message } from './message.ts';

let world: DomainWorld;

beforeEach(() => {
  world = DomainWorld.withDesk();
  write('a', 'web');
});

function write(conversationId: string, channelId: string): void {
  const customer = { id: 'mai', identity: { channelId, externalId: 'mai', isVerified: false }, profile: {} };
  const ids = { channelId, conversationId, newConversationId: conversationId, messageId: `first of ${conversationId}` };
  world.must('message.receive', { ...ids, customer, text: 'Shop ơi', writtenAt: world.now }, { by: webChat });
}

function escalate(escalationId: string, by: string, rest: object = {}): void {
  const base = { tier: world.conversation('a').tier };
  const args = { conversationId: 'a', escalationId, reason: 'Khách cần quản lý', ...rest };
  world.must('conversation.escalate', args, { by, base });
}

function move(queueId: string, by: string, escalations: Record<string, string> = { a: topOf('a') }) {
  return world.must('conversation.move', { conversationIds: ['a'], queueId }, { by, base: { escalations } });
}

function assign(assigneeId: string, by: string, rest: { conversationId?: string; versions?: object } = {}) {
  const { conversationId = 'a' } = rest;
  const versions = rest.versions ?? { [conversationId]: world.conversation(conversationId).assignmentVersion };
  const args = { conversationIds: [conversationId], assigneeId, isForced: rest.versions !== undefined };
  return world.must('conversation.assign', args, { by, base: { versions } });
}

function topOf(conversationId: string): string {
  return world.conversation(conversationId).escalation?.id ?? '';
}

function linesOf(conversationId: string): Message['system'][] {
  const rows = world.rows().map(([, row]) => row as Message);
  return rows.filter((row) => row.subjectId === conversationId && row.kind === 'system').map(({ system }) => system);
}

describe('SYNC §1.5 an escalation ends', () => {
  test('where the conversation is moved back to the queue it came from: the tier goes back, a line of history stays', () => {
    escalate('e1', 'lan');
    move('sales', 'thu');
    expect(world.conversation('a')).toMatchObject({ queueId: 'sales', tier: 1, escalation: null });
    expect(linesOf('a')).toContainEqual({ type: 'conversation-handed-back', params: { tier: 1, previousTier: 2 } });
  });

  test('where it is given back to the agent it came from, also where it never left its queue', () => {
    write('r', 'returns-chat');
    const args = { conversationId: 'r', escalationId: 'e1', reason: 'Hoàn tiền' };
    world.must('conversation.escalate', args, { by: 'lan', base: { tier: 1 } });
    assign('lan', 'linh', { conversationId: 'r' });
    expect(world.conversation('r')).toMatchObject({ assigneeId: 'lan', tier: 1, escalation: null });
  });

  test('one step at a time, or all at once', () => {
    escalate('e1', 'lan');
    escalate('e2', 'thu', { queueId: 'returns' });
    expect(world.conversation('a').tier).toBe(3);
    move('experts', 'quan');
    expect(world.conversation('a')).toMatchObject({ tier: 2, escalation: { id: 'e1', fromQueueId: 'sales' } });
    escalate('e3', 'thu', { queueId: 'returns' });
    move('sales', 'quan');
    expect(world.conversation('a')).toMatchObject({ tier: 1, escalation: null });
  });

  test('also when two agents escalated from the same tier: it came from the queue of the first', () => {
    const base = { tier: 1 };
    for (const [escalationId, by] of [
      ['e1', 'lan'],
      ['e2', 'linh'],
    ] as const) {
      world.must('conversation.escalate', { conversationId: 'a', escalationId, reason: 'why' }, { by, base });
    }
    expect(world.conversation('a').escalation).toMatchObject({ id: 'e2', byAgentId: 'linh', fromQueueId: 'sales' });
    move('sales', 'thu');
    expect(world.conversation('a')).toMatchObject({ tier: 1, escalation: null });
  });
});

describe('SYNC §1.5 an escalation goes on', () => {
  test('when the conversation is moved elsewhere, or given to somebody else', () => {
    escalate('e1', 'lan');
    move('returns', 'thu');
    assign('minh', 'linh');
    expect(world.conversation('a')).toMatchObject({ tier: 2, escalation: { id: 'e1' } });
  });

  test('when whoever moves it back has not seen that it was escalated', () => {
    escalate('e1', 'lan');
    move('sales', 'linh', {});
    expect(world.conversation('a')).toMatchObject({ queueId: 'sales', tier: 2, escalation: { id: 'e1' } });
    assign('lan', 'linh', { versions: { a: '' } });
    expect(world.conversation('a')).toMatchObject({ assigneeId: 'lan', tier: 2, escalation: { id: 'e1' } });
  });

  test('when whoever escalated it has the tier for it, and takes it', () => {
    escalate('e1', 'linh');
    assign('linh', 'linh');
    expect(world.conversation('a')).toMatchObject({ assigneeId: 'linh', tier: 2, escalation: { id: 'e1' } });
  });
});

test('SYNC §1.5 of two agents who escalate from the same tier, the second does not move it on to a next queue', () => {
  const fields = { name: 'experts', reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: 'returns' };
  const asOf = world.reader('queue:experts').root()!.asOf;
  world.must('queue.put', { id: 'experts', fields }, { by: 'chu', base: { asOf } });
  for (const escalationId of ['e1', 'e2']) {
    const args = { conversationId: 'a', escalationId, reason: 'why' };
    world.must('conversation.escalate', args, { by: 'linh', base: { tier: 1 } });
  }
  expect(world.conversation('a')).toMatchObject({ tier: 2, queueId: 'experts' });
});
