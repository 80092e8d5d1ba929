import { afterEach, beforeEach, expect, test } from 'vitest';
import type { VisitorIdentity } from '../../shared/widget-api/session.ts';
import { identityHash } from '../../src-relay/channels/web-chat/identity.ts';
import type { WidgetClient } from '../../src-widget/client/widget-client.ts';
import { ChatModel } from '../../src-widget/frame/chat-model.ts';
import { WebChatRig, until } from '../fakes/web-chat-rig.ts';

let rig: WebChatRig;

beforeEach(async () => {
  rig = await new WebChatRig().start({ rateLimits: null });
});
afterEach(() => rig.dispose());

function openTab(options: { visitorToken?: string; identity?: VisitorIdentity } = {}) {
  const tab = { stored: '', client: null as unknown as WidgetClient, model: null as unknown as ChatModel };
  tab.client = rig.makeClient({ afterSeq: 'head', ...options });
  tab.model = new ChatModel(
    tab.client,
    (message) => void (message.type === 'store' && (tab.stored = message.value)),
    'vi',
  );
  return tab;
}

function identityOf(id: string): VisitorIdentity {
  const secret = rig.store.channels.readIdentitySecret(rig.channel.channelId);
  return { id, hash: identityHash(secret, id, null) };
}

test('what somebody is writing stays when the page says who they are', async () => {
  const { client, model } = openTab();
  await model.start('');
  model.answerQuestions({ name: 'Mai' });
  model.setDraft('Cho mình hỏi về đơn');
  const feedId = client.session?.feed.id;
  await client.identify(identityOf('mai'));
  expect(client.session?.feed.id).not.toBe(feedId);
  expect(model.state).toMatchObject({ draft: 'Cho mình hỏi về đơn', answers: { name: 'Mai' } });
});

test('and goes when it is somebody else', async () => {
  const { client, model } = openTab({ identity: identityOf('mai') });
  await model.start('');
  model.setDraft('Của Mai');
  model.setSender({ name: 'Mai', contact: 'mai@example.com' });
  await client.identify(identityOf('nam'));
  expect(model.state).toMatchObject({ draft: '', sender: { name: '', contact: '' } });
});

test('a message on its way while its sender is recognised arrives, and a refusal of it is said', async () => {
  const { client, model } = openTab();
  await model.start('');
  await rig.stop();
  model.setDraft('Alo');
  expect(model.sendDraft()).toBe(true);
  await rig.start();
  await client.identify(identityOf('mai'));
  await until(() => model.state.entries.length === 1 && model.state.unsent.length === 0);
  expect(model.state.entries[0]).toMatchObject({ text: 'Alo' });
});

test('what was not sent before a reload is sent after it, though the page knows by then who they are', async () => {
  const tab = openTab();
  await tab.model.start('');
  await rig.stop();
  tab.model.setDraft('Alo');
  expect(tab.model.sendDraft()).toBe(true);
  tab.client.close();
  await rig.start();
  const again = openTab({ visitorToken: tab.client.visitorToken!, identity: identityOf('mai') });
  await again.model.start(tab.stored);
  await until(() => again.model.state.entries.length === 1);
  expect(again.model.state.entries[0]).toMatchObject({ text: 'Alo' });
});
