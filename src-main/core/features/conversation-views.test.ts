import { afterEach, expect, test } from 'vitest';
import { CacheRig, eventOf } from '../../../tests/fakes/cache-rig.ts';
import { removeFolders } from '../../../tests/fakes/console-process.ts';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';

afterEach(removeFolders);

test('SYNC-R4 however much was refused, it is counted and listed', () => {
  const world = DomainWorld.withDesk();
  const identity = { channelId: 'web', externalId: 'k1', isVerified: false };
  const ids = { conversationId: 'k1', newConversationId: 'k1', messageId: 'm1' };
  const customer = { id: 'c1', identity, profile: {} };
  const args = { channelId: 'web', customer, ...ids, text: 'alo', writtenAt: 0 };
  world.must('message.receive', args, { by: webChat });
  const rig = new CacheRig().open();
  rig.apply({ events: world.log.map((changes) => eventOf(changes)) });
  // As many as a lead closes in forty commands; SQLite takes 32,766 parameters.
  const refused = Array.from({ length: 40 }, (_, command) => ({
    ...{ commandId: `close-${command}`, type: 'conversation.close', args: {}, at: 0, blocked: [] },
    error: { kind: 'forbidden' as const, origin: 'relay' as const, message: 'no', retryable: false },
    subjects: ['conversation:k1', ...Array.from({ length: 999 }, (__, one) => `conversation:gone-${command}-${one}`)],
  }));
  rig.reader.setRefused(refused);
  expect(rig.list('attention')).toEqual(['k1']);
  expect(rig.query('notHeld', { conversationIds: ['k1', 'gone-1-1'] })).toEqual(['gone-1-1']);
  expect(rig.query('conversation.counts', {} as never)).toMatchObject({ attention: 1 });
  rig.close();
});
