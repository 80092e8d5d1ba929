import { afterEach, expect, test } from 'vitest';
import { CacheRig, eventOf } from '../../../tests/fakes/cache-rig.ts';
import { removeFolders } from '../../../tests/fakes/console-process.ts';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';

afterEach(removeFolders);

const MINUTE = 60_000;

test('a customer was here when they wrote last, though their visit began long before, whoever wrote since', () => {
  const world = DomainWorld.withDesk();
  const rig = new CacheRig('lan').open();
  const begin = world.now;
  const identity = { channelId: 'web', externalId: 'v1', isVerified: false };
  // What a channel tells of a visit stays the same for as long as it lasts.
  const customer = { id: 'c1', identity, profile: { name: 'Chị Hoa' } };
  const receive = (messageId: string) => {
    const ids = { conversationId: 'k1', newConversationId: 'k1', messageId };
    world.must('message.receive', { channelId: 'web', customer, ...ids, text: 'alo', writtenAt: 0 }, { by: webChat });
  };
  const lastSeenAt = () => {
    rig.apply({
      events: world.log.filter(([one]) => one!.seq > rig.writer.position().cursor).map((changes) => eventOf(changes)),
    });
    return rig.query('customer.get', { customerId: 'c1' }).lastSeenAt;
  };
  receive('m1');
  expect(lastSeenAt()).toBe(begin);
  world.now = begin + 40 * MINUTE;
  receive('m2');
  expect(lastSeenAt()).toBe(begin + 40 * MINUTE);
  world.now = begin + 50 * MINUTE;
  const reply = { conversationId: 'k1', messageId: 'm3', text: 'dạ', writtenAt: 0 };
  world.must('message.send', reply, { base: { foreignPublicSeq: world.seq } });
  expect(lastSeenAt()).toBe(begin + 40 * MINUTE);
  rig.close();
});
