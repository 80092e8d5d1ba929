import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebChatRig, until } from '../fakes/web-chat-rig.ts';
import { AppError } from '../../shared/errors.ts';
import type { ToPage } from '../../src-widget/page-messages.ts';
import type { WidgetClient } from '../../src-widget/client/widget-client.ts';
import { ChatModel } from '../../src-widget/frame/chat-model.ts';

let rig: WebChatRig;

beforeEach(async () => {
  rig = await new WebChatRig().start({ rateLimits: null });
});
afterEach(async () => {
  await rig.dispose();
});

/** A page with its storage: what a browser tab is to the model. */
function openTab(stored = '', visitorToken?: string) {
  const said: ToPage[] = [];
  const tab = { stored, said, client: null as unknown as WidgetClient, model: null as unknown as ChatModel };
  tab.client = rig.makeClient({ afterSeq: 'head', ...(visitorToken === undefined ? {} : { visitorToken }) });
  tab.model = new ChatModel(
    tab.client,
    (message) => {
      said.push(message);
      if (message.type === 'store') tab.stored = message.value;
    },
    'vi',
  );
  return tab;
}

function write(model: ChatModel, text: string): void {
  model.setDraft(text);
  expect(model.sendDraft()).toBe(true);
}

const textsOf = (model: ChatModel) => model.state.entries.map((entry) => entry.text);

test('a reload in the middle of sending neither loses nor doubles a message', async () => {
  const tab = openTab();
  await tab.model.start('');
  write(tab.model, 'một');
  await until(() => textsOf(tab.model).length === 1);
  await rig.stop();
  write(tab.model, 'hai');
  write(tab.model, 'ba');
  tab.model.setDraft('nửa câu');
  const { visitorToken } = tab.client;
  tab.client.close();
  await rig.start();

  const again = openTab(tab.stored, visitorToken);
  await again.model.start(again.stored);
  expect(again.model.state.draft).toBe('nửa câu');
  await until(() => again.model.state.entries.length === 3 && again.model.state.unsent.length === 0);
  expect(textsOf(again.model)).toEqual(['một', 'hai', 'ba']);

  // Once more with what was stored before the acknowledgement: the relay knows them already.
  again.client.close();
  const late = openTab(tab.stored, visitorToken);
  await late.model.start(late.stored);
  await until(() => late.model.state.entries.length === 3 && late.model.state.unsent.length === 0);
  expect(rig.host.received.map((message) => message.text)).toEqual(['một', 'hai', 'ba']);
});

test('a name and an address typed for later survive a reload, and go with the message they were for', async () => {
  const tab = openTab();
  await tab.model.start('');
  tab.model.setSender({ name: 'Ngọc' });
  tab.model.setSender({ contact: '0901 234 567' });
  const { visitorToken } = tab.client;
  tab.client.close();

  const again = openTab(tab.stored, visitorToken);
  await again.model.start(again.stored);
  expect(again.model.state.sender).toEqual({ name: 'Ngọc', contact: '0901 234 567' });
  again.model.setDraft('gọi lại giúp em');
  await again.model.leaveMessage({ name: 'Ngọc', phone: '0901 234 567', text: 'gọi lại giúp em', website: '' });
  expect(again.model.state).toMatchObject({ draft: '', sender: { name: '', contact: '' } });
  expect(again.stored).not.toContain('0901');
});

test('a refused message stays, with a way to try again and a way to drop it', async () => {
  const { model } = openTab();
  await model.start('');
  rig.host.refusals.push(
    new AppError('invalid', 'no', { reason: 'x' }),
    new AppError('invalid', 'no', { reason: 'x' }),
  );
  write(model, 'a');
  await until(() => model.state.unsent[0]?.failure?.key === 'refused-message');
  model.retry(model.state.unsent[0]!.clientId);
  await until(() => rig.host.refusals.length === 0 && model.state.unsent[0]?.failure !== null);
  model.retry(model.state.unsent[0]!.clientId);
  await until(() => model.state.entries.length === 1);
  expect(model.state.unsent).toEqual([]);
});

test('a text over the limit is said so before anything is sent, and stays in the field', async () => {
  const { model } = openTab();
  await model.start('');
  model.setDraft('x'.repeat(4001));
  expect(model.sendDraft()).toBe(false);
  expect(model.state.notice?.key).toBe('tooLong');
  expect(model.state.draft).toHaveLength(4001);
  model.setDraft('   ');
  expect(model.sendDraft()).toBe(false);
});

test('unread answers are counted until they were seen, in this tab or in another', async () => {
  const tab = openTab();
  await tab.model.start('');
  write(tab.model, 'a');
  await until(() => tab.model.state.entries.length === 1);
  await rig.answer('conversation-1', 'b');
  await rig.answer('conversation-1', 'c');
  await until(() => tab.model.state.unread === 2);
  expect(tab.said.filter((message) => message.type === 'unread').at(-1)).toEqual({ type: 'unread', count: 2 });

  const other = openTab('', tab.client.visitorToken);
  await other.model.start('');
  await until(() => other.model.state.entries.length === 3);
  expect(other.model.state.unread).toBe(2);
  other.model.markRead();
  await until(() => tab.model.state.unread === 0);
});

test('older messages come by the page, and nothing twice', async () => {
  const first = openTab();
  await first.model.start('');
  for (let number = 1; number <= 70; number += 1) write(first.model, String(number));
  await until(() => rig.host.received.length === 70 && first.model.state.unsent.length === 0);
  const { model } = openTab('', first.client.visitorToken);
  await model.start('');
  await until(() => model.state.entries.length === 30);
  while (model.state.hasOlder) await model.loadOlder();
  expect(textsOf(model)).toEqual(Array.from({ length: 70 }, (_, index) => String(index + 1)));
});
