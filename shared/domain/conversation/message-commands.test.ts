import { beforeEach, describe, expect, test } from 'vitest';
import { DomainWorld, system, webChat } from '../../../tests/fakes/domain-world.ts';
import type { Customer } from '../customer/customer.ts';
import { lastForeignPublicSeq } from './conversation.ts';
import { type DeliveryState, deliveryStateSchema, mayAdvanceDelivery } from './message.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let world: DomainWorld;
let count: number;

beforeEach(() => {
  world = DomainWorld.withDesk();
  count = 0;
});

/** A customer writes; @returns the id of the conversation it went into, or the refusal. */
function write(conversationId: string | null, rest: object = {}, profile: object = { name: 'Mai' }): unknown {
  count += 1;
  const args = {
    channelId: 'web',
    customer: {
      id: 'mai',
      identity: { channelId: 'web', externalId: 'visitor-1', isVerified: false },
      profile,
    },
    conversationId,
    newConversationId: `new-${count}`,
    messageId: `in-${count}`,
    text: 'Shop ơi',
    writtenAt: world.now,
    ...rest,
  };
  const outcome = world.run('message.receive', args, { by: webChat });
  return typeof outcome === 'string' ? outcome : (outcome.output as { conversationId: string }).conversationId;
}

function reply(conversationId: string, by: string, rest: object = {}, options: object = {}) {
  count += 1;
  const args = { conversationId, messageId: `out-${count}`, text: 'Dạ', writtenAt: world.now, ...rest };
  const foreignPublicSeq = lastForeignPublicSeq(world.conversation(conversationId), by);
  return world.run('message.send', args, { by, base: { foreignPublicSeq }, ...options });
}

function close(conversationId: string): void {
  const { customerSeq } = world.conversation(conversationId);
  const base = { customerSeqs: { [conversationId]: customerSeq } };
  world.must('conversation.close', { conversationIds: [conversationId] }, { by: 'linh', base });
}

describe('a customer’s message', () => {
  test('its preview in lists ends with a whole character', () => {
    const family = '👩‍👩‍👧';
    write(null, { text: `${'a'.repeat(157)}${family} đang chờ` });
    expect(world.conversation('new-1').lastMessage?.text).toBe(`${'a'.repeat(157)}…`);
  });

  test('starts a conversation in the channel’s queue, and makes the customer known', () => {
    expect(write(null)).toBe('new-1');
    expect(world.conversation('new-1')).toMatchObject({
      state: 'open',
      queueId: 'sales',
      assigneeId: null,
      waitingSince: world.now,
      previousConversationId: null,
      lastMessage: { author: 'customer', text: 'Shop ơi' },
    });
    expect(world.reader<Customer>('customer:mai').root()?.name).toBe('Mai');
  });

  test('joins the conversation the channel knows; the wait began with the first', () => {
    write(null);
    const since = world.now;
    world.now += 1000;
    expect(write('new-1')).toBe('new-1');
    expect(world.conversation('new-1')).toMatchObject({ waitingSince: since, lastMessageAt: world.now });
  });

  test.each([
    ['sales', 'web', 7, 'lan'],
    ['returns (which lets the assignee go)', 'returns-chat', 2, null],
  ])('within %s’ days it reopens, later it starts a linked one', (_queue, channelId, days, assignee) => {
    write(null, { channelId });
    reply('new-1', 'lan');
    close('new-1');
    const { assignmentVersion } = world.conversation('new-1');
    world.now += days * DAY_MS;
    expect(write('new-1', { channelId })).toBe('new-1');
    expect(world.conversation('new-1')).toMatchObject({ state: 'open', assigneeId: assignee });
    expect(world.conversation('new-1').assignmentVersion === assignmentVersion).toBe(assignee !== null);
    close('new-1');
    world.now += days * DAY_MS + 1;
    const next = write('new-1', { channelId });
    expect(next).not.toBe('new-1');
    expect(world.conversation(String(next))).toMatchObject({ previousConversationId: 'new-1', assigneeId: null });
    expect(world.conversation('new-1').state).toBe('closed');
  });

  test('never starts a conversation over', () => {
    write(null);
    reply('new-1', 'lan');
    expect(write(null, { newConversationId: 'new-1' })).toBe('new-1');
    expect(world.conversation('new-1').assigneeId).toBe('lan');
    close('new-1');
    world.now += 30 * DAY_MS;
    expect(write('new-1', { newConversationId: 'new-1' })).toBe('conflict/id-taken');
  });

  test('fills in what is not known of the customer and undoes no correction', () => {
    const mai = (): Customer => world.reader<Customer>('customer:mai').root()!;
    write(null);
    world.must('customer.update', { customerId: 'mai', profile: { name: 'Chị Mai Nguyễn' } });
    const before = mai().asOf;
    write('new-1');
    expect(mai().asOf).toBe(before);
    write('new-1', {}, { name: 'Mai', phone: '0901' });
    expect(mai()).toMatchObject({ name: 'Chị Mai Nguyễn', phone: '0901' });
    world.now += DAY_MS;
    write('new-1');
    expect(mai().lastSeenAt).toBe(world.now);
  });

  test.each([
    ['nothing', { text: ' \u0000\n' }, 'invalid/text-empty'],
    ['a channel that is not there', { channelId: 'gone' }, 'not_found/no-such-channel'],
    ['too much', { text: 'ế'.repeat(11_000) }, 'too_large/text-too-long'],
    [
      'a file that is no file',
      { attachments: [{ fileId: '../etc', name: 'x', mediaType: '', size: 1 }] },
      'invalid/malformed-command',
    ],
  ])('with %s is refused', (_what, rest, refusal) => {
    expect(write(null, rest)).toBe(refusal);
  });

  test('comes from channels only', () => {
    write(null);
    const { data } = world.log.at(-1)!.at(-1)!;
    const args = {
      ...(data as object),
      channelId: 'web',
      conversationId: null,
      newConversationId: 'x',
      messageId: 'y',
    };
    const customer = { id: 'mai', identity: { channelId: 'web', externalId: '1', isVerified: false }, profile: {} };
    expect(world.run('message.receive', { ...args, customer }, { by: 'chu' })).toBe('forbidden/channel-only');
  });

  test('file names are made safe, and what they were called stays to be seen', () => {
    const file = (name: string) => ({ fileId: 'a'.repeat(64), name, mediaType: 'image/png', size: 1 });
    write(null, { attachments: [file('../../ảnh\u202Egnp.exe'), file('..'), file('ảnh chụp.png')] });
    expect(world.message('in-1').attachments.map((one) => one.name)).toEqual([
      '.._.._ảnhgnp.exe',
      'file',
      'ảnh chụp.png',
    ]);
  });
});

describe('a reply', () => {
  beforeEach(() => {
    write(null);
  });

  test('takes an unassigned conversation, ends the wait, and is queued for the customer', () => {
    reply('new-1', 'lan');
    expect(world.conversation('new-1')).toMatchObject({
      assigneeId: 'lan',
      waitingSince: null,
      firstReplyAt: world.now,
      lastMessage: { author: 'agent' },
    });
    expect(world.message('out-2')).toMatchObject({
      delivery: { state: 'queued', reason: null },
      author: { id: 'lan' },
    });
    reply('new-1', 'minh');
    expect(world.conversation('new-1').assigneeId).toBe('lan');
  });

  /** What came between writing and sending, whether it waited, whether it is confirmed → the refusal, if any. */
  test.each([
    ['a customer’s message', true, false, 'stale/conversation-moved-on'],
    ['a customer’s message', false, false, null],
    ['a customer’s message', true, true, null],
    ['another agent’s reply', true, false, 'stale/conversation-moved-on'],
    ['another agent’s note', true, false, null],
    ['her own reply', true, false, null],
    ['nothing', true, false, null],
  ])('SYNC §1.5 after %s: delayed %s, confirmed %s', (between, isDelayed, isConfirmed, refusal) => {
    const base = { foreignPublicSeq: lastForeignPublicSeq(world.conversation('new-1'), 'lan') };
    const note = { conversationId: 'new-1', messageId: 'note', text: 'Khách quen', writtenAt: 1 };
    if (between === 'a customer’s message') write('new-1');
    if (between === 'another agent’s reply') reply('new-1', 'minh');
    if (between === 'another agent’s note') world.must('note.add', note, { by: 'minh' });
    if (between === 'her own reply') reply('new-1', 'lan');
    const outcome = reply('new-1', 'lan', { isConfirmed }, { base, isDelayed });
    expect(typeof outcome === 'string' ? outcome : null).toBe(refusal);
  });

  test('opens what was closed again', () => {
    close('new-1');
    reply('new-1', 'lan');
    expect(world.conversation('new-1')).toMatchObject({ state: 'open', closedAt: null });
  });

  test('is refused where it would be the second with its id, longer than the channel carries, or unseen', () => {
    reply('new-1', 'lan', { messageId: 'same' });
    expect(reply('new-1', 'lan', { messageId: 'same' })).toBe('conflict/already-sent');
    expect(reply('new-1', 'lan', { text: 'x'.repeat(101) })).toBe('too_large/text-too-long-for-channel');
    expect(reply('new-1', 'thu')).toBe('forbidden/conversation-not-visible');
    expect(world.run('message.send', { conversationId: 'new-1' }, { by: 'lan' })).toBe('invalid/malformed-command');
  });

  test('a note is for colleagues: it ends no wait, is never stale, and whom it names may see the conversation', () => {
    const note = { conversationId: 'new-1', messageId: 'n1', text: 'Nhờ @thu', mentions: ['thu'], writtenAt: 1 };
    world.must('note.add', note, { isDelayed: true });
    expect(world.conversation('new-1')).toMatchObject({ participantIds: ['thu'], assigneeId: null });
    expect(world.conversation('new-1').waitingSince).not.toBeNull();
    expect(world.message('n1')).toMatchObject({ kind: 'note', delivery: null });
    expect(reply('new-1', 'thu')).not.toBeTypeOf('string');
  });
});

describe('delivery', () => {
  const states = deliveryStateSchema.options;
  const update = (state: DeliveryState, messageIds = ['out-2']) =>
    world.must('delivery.update', { conversationId: 'new-1', messageIds, state, reason: null }, { by: system });

  beforeEach(() => {
    write(null);
    reply('new-1', 'lan');
  });

  test.each(states.flatMap((from) => states.map((to) => [from, to] as const)))(
    'SYNC-X1 from %s to %s only if that is forward',
    (from, to) => {
      update(from);
      const changes = update(to);
      const isForward = mayAdvanceDelivery(from, to);
      expect(changes.length).toBe(isForward ? 1 : 0);
      expect(world.message('out-2').delivery?.state).toBe(isForward ? to : from);
    },
  );

  test('SYNC-X1 there is an order: nothing ends where it began, and failed is the end', () => {
    const forward = states.flatMap((from) =>
      states.filter((to) => mayAdvanceDelivery(from, to)).map((to) => `${from}>${to}`),
    );
    expect(forward.toSorted()).toEqual(
      [
        'delivered>read',
        'queued>delivered',
        'queued>failed',
        'queued>read',
        'queued>sent',
        'queued>unknown',
        'sent>delivered',
        'sent>failed',
        'sent>read',
        'unknown>delivered',
        'unknown>failed',
        'unknown>read',
        'unknown>sent',
      ].toSorted(),
    );
  });

  test('only messages that move are named; notes and customers’ messages never are', () => {
    reply('new-1', 'lan');
    update('read', ['out-2']);
    const [change] = update('delivered', ['out-2', 'out-3', 'in-1', 'unknown']);
    expect(change).toMatchObject({ data: { messageIds: ['out-3'] } });
  });
});
