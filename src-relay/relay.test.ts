import { afterEach, expect, test } from 'vitest';
import type { Conversation } from '../shared/domain/conversation/conversation.ts';
import type { Message } from '../shared/domain/conversation/message.ts';
import { ProtocolClient } from '../tests/fakes/protocol-client.ts';
import { type TestRelay, makeId, signIn, startRelay } from '../tests/fakes/start-relay.ts';

const relays: TestRelay[] = [];
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.stop();
});

test('sign-in, snapshot, live frame, command, result', async () => {
  const relay = await startRelay();
  relays.push(relay);
  await relay.putQueue('sales');
  await relay.putChannel('web', 'sales');
  const lan = await relay.addAgent('lan', { queueIds: ['sales'] });
  const { conversationId } = await relay.receive({ channelId: 'web', customerId: 'an', text: 'Shop ơi' });

  const { accessToken } = await signIn(relay, lan);
  const client = await ProtocolClient.connect({ url: relay.url, token: accessToken });
  expect(client.welcome).toMatchObject({ mode: 'reset', agentId: 'lan', needHeld: false });
  const subject = `conversation:${conversationId}` as const;
  expect(client.replica.items<Message>(subject).map(({ text }) => text)).toEqual(['Shop ơi']);

  const messageId = makeId();
  const result = await client.submit(
    'message.send',
    { conversationId, messageId, text: 'Chào bạn', writtenAt: Date.now() },
    { base: { foreignPublicSeq: relay.eventLog.head() } },
  );
  expect(result).toMatchObject({ ok: true });
  await client.until(() => client.replica.cursor >= (result.ok ? result.seq : 0));
  expect(client.replica.items<Message>(subject).map(({ text }) => text)).toEqual(['Shop ơi', 'Chào bạn']);
  expect(client.replica.root<Conversation>(subject)).toMatchObject({ assigneeId: 'lan' });
});
