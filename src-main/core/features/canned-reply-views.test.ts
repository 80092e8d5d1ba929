import { afterEach, expect, test } from 'vitest';
import { CacheRig, eventOf } from '../../../tests/fakes/cache-rig.ts';
import { removeFolders } from '../../../tests/fakes/console-process.ts';
import { DomainWorld, system, webChat } from '../../../tests/fakes/domain-world.ts';

afterEach(removeFolders);

test('a canned reply says how the order stands in its own language; what a shop calls it otherwise stays', () => {
  const world = DomainWorld.withDesk();
  const identity = { channelId: 'web', externalId: 'v1', isVerified: false };
  const customer = { id: 'c1', identity, profile: { name: 'Chị Hoa' } };
  const ids = { conversationId: 'k1', newConversationId: 'k1', messageId: 'm1' };
  world.must('message.receive', { channelId: 'web', customer, ...ids, text: 'alo', writtenAt: 0 }, { by: webChat });
  const texts = { vi: 'Đơn {{order.number}} {{order.status}}', en: '{{order.number}} is {{order.status}}' };
  const fields = { shortcut: 'don', title: 'Đơn', texts, queueIds: [] };
  world.must('canned-reply.put', { id: 'r1', fields }, { by: system });
  const rig = new CacheRig('lan').open();
  const said = (status: string, language: 'vi' | 'en') => {
    const order = { number: 'A1', status, total: 1, currency: 'VND', placedAt: 1, items: [], trackingUrl: null };
    world.must('customer.import', { customerId: 'c1', identity, profile: {}, orders: [order] }, { by: system });
    const news = world.log.filter(([one]) => one!.seq > rig.writer.position().cursor);
    rig.apply({ events: news.map((changes) => eventOf(changes)) });
    return rig.query('cannedReply.render', { cannedReplyId: 'r1', conversationId: 'k1', language }).text;
  };
  expect(said('shipped', 'vi')).toBe('Đơn A1 đang giao');
  expect(said('shipped', 'en')).toBe('A1 is shipped');
  expect(said('Chờ lấy hàng', 'vi')).toBe('Đơn A1 Chờ lấy hàng');
  expect(said('constructor', 'vi')).toBe('Đơn A1 constructor');
  rig.close();
});
