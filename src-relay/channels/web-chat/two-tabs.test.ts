import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FeedEntry } from '../../../shared/widget-api/feed.ts';
import type { WidgetClient } from '../../../src-widget/client/widget-client.ts';
import { WebChatRig, until } from '../../../tests/fakes/web-chat-rig.ts';
import { identityHash } from './identity.ts';

let rig: WebChatRig;

beforeEach(async () => {
  rig = await new WebChatRig().start({ rateLimits: null });
});
afterEach(async () => {
  await rig.dispose();
  expect(rig.mistakes).toEqual([]);
});

async function openLive(client: WidgetClient): Promise<FeedEntry[]> {
  const entries: FeedEntry[] = [];
  client.onMessage((entry) => entries.push(entry));
  let isLive = false;
  client.onState((state) => {
    isLive = state === 'live';
  });
  await client.open();
  await until(() => isLive);
  return entries;
}

test('a tab that was open before its visitor signed in in another one hears the answers', async () => {
  const first = rig.makeClient({ afterSeq: 'head' });
  const entries = await openLive(first);
  const secret = rig.store.channels.readIdentitySecret(rig.channel.channelId);
  const identity = { id: 'mai', hash: identityHash(secret, 'mai', null) };
  const second = rig.makeClient({ visitorToken: first.visitorToken!, identity });
  await second.open();
  // In the first tab nobody has noticed.
  const { conversationId } = await first.send({ text: 'Chào shop' });
  await rig.answer(conversationId, 'Dạ chào chị');
  await until(() => entries.some(({ text }) => text === 'Dạ chào chị'));
  expect(rig.host.received[0]?.customer.identity).toMatchObject({ externalId: 'mai', isVerified: true });
});
