import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WidgetSession } from '../../../shared/widget-api/session.ts';
import { WidgetClient } from '../../client/widget-client.ts';
import { ChatModel } from '../chat-model.ts';
import { ChatApp } from './chat-app.tsx';

const texts = { title: '', greeting: '', away: '' };
let session: WidgetSession;
let client: WidgetClient;
let model: ChatModel;

beforeEach(async () => {
  session = {
    token: 't',
    visitor: { id: 'visitor-1', verified: false },
    conversation: null,
    feed: { id: 'feed-1', head: 0, readUpTo: 0, unread: 0 },
    config: {
      workspaceName: 'Mộc An',
      channelName: 'Web',
      online: true,
      language: 'vi',
      accentColor: '#2f6f4f',
      preChat: [],
      texts: { vi: texts, en: texts },
      uploads: { isAllowed: false, maxBytes: 0 },
    },
  };
  client = new WidgetClient({
    baseUrl: 'http://relay.example',
    widgetKey: 'key-1',
    transport: 'poll',
    openSession: async () => session,
    // The feed has nothing new for as long as the test lasts.
    fetch: () => new Promise(() => undefined),
  });
  model = new ChatModel(client, () => undefined, 'vi');
  model.setOpen(true);
  document.body.innerHTML = '<div id="chat"></div>';
  await act(async () => {
    render(<ChatApp model={model} onClose={() => undefined} />, document.querySelector('#chat')!);
    await model.start('');
  });
});

afterEach(async () => {
  client.close();
  await act(() => render(null, document.querySelector('#chat')!));
});

/** Somebody comes to answer, or the last one goes. */
async function setOnline(online: boolean): Promise<void> {
  session = { ...session, config: { ...session.config, online } };
  await act(() => model.identify());
}

const fieldOf = (id: string) => document.getElementById(id) as HTMLInputElement;

async function type(field: HTMLInputElement | HTMLTextAreaElement, text: string): Promise<void> {
  await act(() => {
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

test('who is writing when the last agent goes writes on in the message, not in the field for their name', async () => {
  await type(document.querySelector('textarea')!, 'Cho mình hỏi');
  await setOnline(false);
  const message = document.activeElement as HTMLTextAreaElement;
  expect(message.id).toBe('offline-text');
  expect(message.value).toBe('Cho mình hỏi');
  expect(message.selectionStart).toBe('Cho mình hỏi'.length);
});

test('who has begun nothing is in the first field', async () => {
  await setOnline(false);
  expect(document.activeElement?.id).toBe('offline-name');
});

test('who is writing when somebody comes and has questions answers none of them by accident', async () => {
  const label = { vi: 'Tên bạn?', en: 'Your name?' };
  session.config.preChat = [{ id: 'name', field: 'name', label, isRequired: true, options: [] }];
  await setOnline(false);
  await type(fieldOf('offline-text') as never, 'Cho mình hỏi');
  await setOnline(true);
  expect(fieldOf('question-name')).not.toBeNull();
  // Beside the questions, a key's way from the first.
  expect(document.activeElement?.tagName).toBe('FORM');
});

test('a name and an address that were typed are there again when the form is', async () => {
  await setOnline(false);
  await type(fieldOf('offline-name'), 'Ngọc');
  await type(fieldOf('offline-contact'), '0901 234');
  await setOnline(true);
  expect(fieldOf('offline-name')).toBeNull();
  await setOnline(false);
  expect(fieldOf('offline-name').value).toBe('Ngọc');
  expect(fieldOf('offline-contact').value).toBe('0901 234');
});
