import { describe, expect, test } from 'vitest';
import { DomainWorld, system, webChat } from '../../../tests/fakes/domain-world.ts';
import { conversationKind } from '../conversation/conversation-kind.ts';
import { erasureRef } from '../erasure/erasure.ts';
import { subjectKinds } from '../registry.ts';
import { customerKind } from './customer.ts';

const SECRET = 'chị Mai 0912 345 678';

function receive(world: DomainWorld, conversationId: string, messageId: string, customerId = 'mai') {
  const identity = { channelId: 'web', externalId: SECRET, isVerified: true };
  const customer = { id: customerId, identity, profile: { name: SECRET } };
  const ids = { channelId: 'web', conversationId, newConversationId: conversationId, messageId };
  return world.run('message.receive', { ...ids, customer, text: SECRET, writtenAt: 1 }, { by: webChat });
}

function send(world: DomainWorld, conversationId: string) {
  const args = { conversationId, messageId: `to-${conversationId}-${world.seq}`, text: `Dạ ${SECRET}`, writtenAt: 1 };
  return world.run('message.send', args, { base: { foreignPublicSeq: world.seq } });
}

describe('customer.erase', () => {
  test('SYNC-L7 one event deletes the customer with every conversation and item, and says of each that it was erased', () => {
    const world = DomainWorld.withDesk();
    receive(world, 'a', 'm1');
    receive(world, 'b', 'm2');
    receive(world, 'c', 'm3', 'other');
    send(world, 'a');
    const before = world.seq;
    expect(world.run('customer.erase', { customerId: 'mai' }, { by: 'chu' })).toMatchObject({
      output: { remaining: 0 },
    });
    expect(world.seq).toBe(before + 1);
    expect(world.rows().filter(([, row]) => JSON.stringify(row).includes(SECRET)).length).toBe(3);
    expect(world.conversation('c')).toBeDefined();
    for (const subject of ['customer:mai', 'conversation:a', 'conversation:b'] as const) {
      expect(world.reader(subject).root()).toBeNull();
      expect(world.reader(erasureRef(subject)).root()).toMatchObject({ id: subject, asOf: world.seq });
    }
  });

  test('SYNC-L7 what comes later for what was erased is gone, in words; an agent’s text is not lost without a word', () => {
    const world = DomainWorld.withDesk();
    receive(world, 'a', 'm1');
    world.must('customer.erase', { customerId: 'mai' }, { by: system });
    expect(send(world, 'a')).toBe('gone/customer-erased');
    expect(world.run('conversation.close', { conversationIds: ['a'] }, { base: { customerSeqs: {} } })).toBe(
      'gone/customer-erased',
    );
    expect(world.run('customer.update', { customerId: 'mai', profile: { name: 'x' } })).toBe('gone/customer-erased');
    // The same message once more brings nothing back.
    expect(receive(world, 'a', 'm1')).toBe('gone/customer-erased');
    expect(world.run('customer.erase', { customerId: 'mai' }, { by: 'chu' })).toBe('not_found/no-such-customer');
  });

  test('SYNC-L7 who comes back is somebody of whom nothing is known, and may be erased again', () => {
    const world = DomainWorld.withDesk();
    receive(world, 'a', 'm1');
    world.must('customer.update', { customerId: 'mai', profile: { note: 'thích trà' } });
    world.must('customer.erase', { customerId: 'mai' }, { by: 'chu' });
    expect(receive(world, 'z', 'm9')).toMatchObject({ output: { conversationId: 'z' } });
    expect(world.reader('customer:mai').root()).toMatchObject({ note: null, bornSeq: world.seq });
    world.must('customer.update', { customerId: 'mai', profile: { name: 'Mai' } });
    world.must('customer.erase', { customerId: 'mai' }, { by: 'chu' });
    expect(world.reader('conversation:z').root()).toBeNull();
  });

  test('only an administrator, or the relay for one, may erase; a console cannot foretell it', () => {
    const world = DomainWorld.withDesk();
    receive(world, 'a', 'm1');
    for (const by of ['lan', 'linh', 'quan']) {
      expect(world.run('customer.erase', { customerId: 'mai' }, { by })).toBe('forbidden/admin-only');
    }
    expect(world.run('customer.erase', { customerId: 'mai' }, { by: webChat })).toBe('forbidden/admin-only');
    const erase = customerKind.commands.find(({ type }) => type === 'customer.erase')!;
    const context = { actor: system, commandId: 'x', now: 0, isDelayed: false, read: world.reader.bind(world) };
    expect(erase.decide(context, { customerId: 'mai' }, undefined)).toMatchObject({
      ok: false,
      error: { details: { reason: 'relay-only' } },
    });
  });
});

/** Data of each change that may hold something personal, with `SECRET` wherever it may stand. */
const FULL: Record<string, object> = {
  'customer-seen': {
    identity: { channelId: 'web', externalId: SECRET, isVerified: true },
    profile: { name: SECRET, note: SECRET },
    seenAt: 1,
  },
  'customer-updated': {
    profile: { name: SECRET, address: SECRET },
    previous: { name: SECRET },
    segments: [SECRET],
    orders: [
      { number: SECRET, status: 'paid', total: 1, currency: 'VND', placedAt: 1, items: [], trackingUrl: SECRET },
    ],
  },
  'conversation-started': {
    channelId: 'web',
    customerId: 'mai',
    queueId: 'sales',
    subjectLine: SECRET,
    answers: [{ label: 'Tên', value: SECRET }],
    language: 'vi',
    previousConversationId: null,
  },
  ...Object.fromEntries(
    ['message-received', 'message-sent', 'note-added'].map((type) => [
      type,
      {
        ...{ messageId: 'm', customerId: 'mai', agentId: 'lan', assigneeId: null, cannedReplyId: null, claim: null },
        ...{ writtenAt: 1, mentions: [], text: SECRET },
        attachments: [{ fileId: 'a'.repeat(64), name: SECRET, mediaType: 'image/png', size: 1 }],
      },
    ]),
  ),
  'delivery-updated': { messageIds: ['m'], state: 'failed', reason: SECRET },
  'conversation-escalated': {
    ...{
      escalationId: 'e',
      tier: 2,
      previousTier: 1,
      queueId: 'q',
      previousQueueId: 'p',
      byAgentId: 'lan',
      version: 'v',
    },
    reason: SECRET,
  },
  'conversation-tagged': { added: [SECRET], removed: [SECRET] },
};
/** These hold ids, states and times only. */
const IMPERSONAL = new Set([
  'conversation-assigned',
  'conversation-handed-back',
  'conversation-moved',
  'conversation-state-changed',
  'conversation-priority-set',
  'conversation-erased',
  'customer-erased',
  'customer-erasure-begun',
]);

const changes = subjectKinds
  .filter(({ name }) => name === conversationKind.name || name === customerKind.name)
  .flatMap((kind) => Object.entries(kind.changes));

test.each(changes)(
  'SYNC-L7 %s: what stays of it has its form, and nothing personal in it',
  (type, { schema, redact }) => {
    const data = FULL[type];
    if (data === undefined) {
      expect(IMPERSONAL, 'say what is personal in it: give it a `redact`, and data above').toContain(type);
      return;
    }
    schema.parse(data);
    const left = redact!(data);
    expect(JSON.stringify(left)).not.toContain(SECRET);
    schema.parse(left);
  },
);
