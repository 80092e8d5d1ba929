import { act, cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import type { MessageState, MessageView } from '../../../shared/core-api/views.ts';
import { renderOnConsole, startConsole } from '../../../tests/fakes/console-rig.tsx';
import { HOSTILE_TEXTS, subjectOf } from '../../../tests/fakes/fake-messages.ts';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { MessageRow } from './message-row.tsx';
import { SystemRow } from './system-row.tsx';
import { useMessageActions } from './use-message-actions.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  cleanup();
  stops.splice(0).forEach((stop) => stop());
});

async function startRig(language: 'vi' | 'en') {
  const clock = new ManualClock();
  const rig = { ...startConsole(clock), clock };
  stops.push(rig.stop);
  await rig.i18n.changeLanguage(language);
  await waitFor(() => expect(rig.console.session.getState().phase).toBe('signed-in'));
  return rig;
}

function makeMessage(fields: Partial<MessageView>): MessageView {
  return {
    id: 'm1',
    conversationId: 'conversation-0',
    position: 1000,
    kind: 'public',
    author: { kind: 'agent', id: 'lan', name: 'Nguyễn Thị Lan' },
    text: 'Dạ vâng',
    attachments: [],
    at: Date.UTC(2025, 0, 6, 8),
    isPending: false,
    commandId: null,
    state: null,
    stateReason: null,
    system: null,
    ...fields,
  };
}

function Row({ message }: { message: MessageView }) {
  const actions = useMessageActions();
  return <MessageRow message={message} startsGroup endsGroup isOwn={false} actions={actions} />;
}

const WORDS: [MessageState, string, string][] = [
  ['waiting', 'Chờ gửi', 'Waiting to be sent'],
  ['queued', 'Đang gửi', 'Sending'],
  ['sent', 'Đã gửi', 'Sent'],
  ['delivered', 'Đã tới', 'Delivered'],
  ['read', 'Đã đọc', 'Read'],
  ['failed', 'Không gửi được', 'Not delivered'],
  ['unknown', 'Không rõ đã tới chưa', 'Not known whether it arrived'],
  ['refused', 'Chưa gửi', 'Not sent'],
];

for (const [index, language] of (['vi', 'en'] as const).entries()) {
  test(`every state of a message is said in words, not only shown (${language})`, async () => {
    const rig = await startRig(language);
    for (const [state, ...words] of WORDS) {
      const { container, unmount } = renderOnConsole(rig, <Row message={makeMessage({ state })} />);
      const mark = container.querySelector('[data-state][data-tone]');
      expect(mark?.textContent).toBe(words[index]);
      expect(mark?.querySelector('svg')).not.toBeNull();
      unmount();
    }
  });
}

test('what has left for the relay is said to be on its way, and cannot be taken back any more', async () => {
  const rig = await startRig('en');
  rig.fake.setStatus({ state: 'offline' });
  const [conversation] = rig.fake.workspace.conversations;
  const entry = (state: 'waiting' | 'sent') => ({
    ...subjectOf(conversation!),
    ...{ commandId: 'c1', n: 1, type: 'message.send', subjects: [], state, createdAt: 0, followers: [] },
    ...(state === 'waiting' ? { attempts: 0, mayTakeBack: true } : { attempts: 1, mayTakeBack: false }),
  });
  rig.fake.outbox = [entry('waiting')];
  const message = makeMessage({ state: 'waiting', isPending: true, commandId: 'c1' });
  const { container } = renderOnConsole(rig, <Row message={message} />);
  await waitFor(() => expect(container.textContent).toContain('Waiting to be sent'));
  expect(screen.getByRole('button', { name: 'Take back' })).toBeTruthy();
  rig.fake.outbox = [entry('sent')];
  rig.clock.advance(1000);
  act(() => rig.fake.push('outbox', { pendingCount: 1, attentionCount: 0 }));
  await waitFor(() => expect(container.textContent).toContain('On its way to the relay'));
  expect(screen.queryByRole('button', { name: 'Take back' })).toBeNull();
});

test('online, what passes at once has no line that comes and goes; what lasts has one', async () => {
  const rig = await startRig('en');
  const message = makeMessage({ state: 'waiting', isPending: true, commandId: 'c1' });
  const { container } = renderOnConsole(rig, <Row message={message} />);
  expect(container.querySelector('[class*="footer"]')).toBeNull();
  act(() => rig.clock.advance(1000));
  expect(container.querySelector('[class*="footer"]')!.textContent).toContain('Waiting to be sent');
});

test('a close that waited for a reply is taken back with it, and that is said', async () => {
  const rig = await startRig('en');
  rig.fake.setStatus({ state: 'offline' });
  rig.fake.overrides['outbox.undo'] = () => ({
    takenBack: [
      { commandId: 'c1', type: 'message.send' },
      { commandId: 'c2', type: 'conversation.close' },
    ],
  });
  renderOnConsole(rig, <Row message={makeMessage({ state: 'waiting', isPending: true, commandId: 'c1' })} />);
  await userEvent.click(await screen.findByRole('button', { name: 'Take back' }));
  await waitFor(() =>
    expect(rig.console.toasts.getState().toasts).toMatchObject([
      { text: 'Taken back; the text is in the box again. Taken back with it: Close the conversation.' },
    ]),
  );
});

test('what an agent has to know stands below the message, with the channel’s reason', async () => {
  const rig = await startRig('en');
  renderOnConsole(rig, <Row message={makeMessage({ state: 'failed', stateReason: 'visitor-gone' })} />);
  expect(screen.getByRole('article').textContent).toContain('Not delivered · The customer left the page.');
  cleanup();
  // A code that this console does not know is left out, never shown.
  renderOnConsole(rig, <Row message={makeMessage({ state: 'failed', stateReason: 'x-17' })} />);
  expect(screen.getByRole('article').textContent).not.toContain('x-17');
});

test('a message that waits can be taken back, into the box it came from', async () => {
  const rig = await startRig('en');
  const id = 'conversation-0';
  await rig.console.drafts.load(id);
  rig.console.drafts.edit(id, 'reply', { text: 'begun since', caret: 0 });
  rig.fake.setStatus({ state: 'offline' });
  rig.fake.overrides['outbox.undo'] = () => ({ takenBack: [{ commandId: 'c1', type: 'message.send' }] });
  const message = makeMessage({ state: 'waiting', isPending: true, commandId: 'c1', text: 'wrong words' });
  renderOnConsole(rig, <Row message={message} />);
  await userEvent.click(await screen.findByRole('button', { name: 'Take back' }));
  await waitFor(() => expect(rig.console.drafts.getState().drafts[id]!.reply.text).toBe('wrong words\nbegun since'));
  expect(rig.fake.requests.find((one) => one.name === 'outbox.undo')?.input).toEqual({ commandId: 'c1' });
});

test('a refused message leads to the list of what needs attention', async () => {
  const rig = await startRig('en');
  renderOnConsole(rig, <Row message={makeMessage({ state: 'refused' })} />);
  await userEvent.click(screen.getByRole('button', { name: 'Resolve' }));
  expect(rig.console.navigation.getState().view).toBe('attention');
});

test('a private note says that it is one', async () => {
  const rig = await startRig('en');
  renderOnConsole(rig, <Row message={makeMessage({ kind: 'note' })} />);
  expect(screen.getByRole('article', { name: /^Private note, Nguyễn Thị Lan/ })).toBeTruthy();
  expect(screen.getByText('Private note')).toBeTruthy();
});

test('hostile texts and names are text: no element, no attribute, no address is made of them', async () => {
  const rig = await startRig('en');
  for (const text of HOSTILE_TEXTS) {
    const author = { kind: 'customer' as const, id: 'c', name: '<img src=x onerror=alert(1)>\u202E' };
    const { container, unmount } = renderOnConsole(rig, <Row message={makeMessage({ author, text })} />);
    expect(container.querySelectorAll('script, img, iframe, object, [onerror], [onload], b')).toHaveLength(0);
    const body = container.querySelector('[dir=auto]')!;
    const shown = body.textContent.replace(/…$/u, '');
    expect(text.startsWith(shown.trimEnd())).toBe(true);
    expect([...body.children].every((child) => child.tagName === 'A')).toBe(true);
    for (const link of body.querySelectorAll('a')) expect(link.href).toMatch(/^https?:\/\//);
    expect(container.querySelector('bdi')?.textContent).toBe(author.name);
    unmount();
  }
});

test('a link opens outside of the console', async () => {
  const rig = await startRig('en');
  renderOnConsole(rig, <Row message={makeMessage({ text: 'xem https://cuahang.example/don nhé' })} />);
  const link = screen.getByRole('link', { name: 'https://cuahang.example/don' });
  expect(link.getAttribute('rel')).toContain('noopener');
  await userEvent.click(link);
  await waitFor(() =>
    expect(rig.fake.requests.find((one) => one.name === 'host.openExternal')?.input).toEqual({
      url: 'https://cuahang.example/don',
    }),
  );
});

test('a very long text is shown in part, and whole when asked', async () => {
  const rig = await startRig('en');
  const text = `${'a line of text\n'.repeat(2200)}the end`;
  renderOnConsole(rig, <Row message={makeMessage({ text })} />);
  expect(screen.getByRole('article').textContent).not.toContain('the end');
  await userEvent.click(screen.getByRole('button', { name: 'Show all (32 kB)' }));
  expect(screen.getByRole('article').textContent).toContain('the end');
});

test('a file is a card with name and size that is saved by the host, whole', async () => {
  const rig = await startRig('en');
  const attachment = rig.fake.files.put('Biên nhận.pdf', 'application/pdf', 'x'.repeat(300_000));
  renderOnConsole(rig, <Row message={makeMessage({ attachments: [attachment] })} />);
  expect(screen.getByText('293 kB')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Download Biên nhận.pdf' }));
  await waitFor(() => {
    const saved = rig.fake.requests.find((one) => one.name === 'host.saveFile')?.input as {
      name: string;
      content: string;
    };
    expect(saved.name).toBe('Biên nhận.pdf');
    expect(atob(saved.content)).toHaveLength(300_000);
  });
});

const LINES: [string, Record<string, string | number | null>, string, string][] = [
  [
    'conversation-assigned',
    { assigneeId: 'minh' },
    'Lê Quang Minh nhận hội thoại',
    'Lê Quang Minh took the conversation',
  ],
  ['conversation-assigned', { assigneeId: 'lan' }, 'Lê Quang Minh giao cho bạn', 'Lê Quang Minh assigned it to you'],
  [
    'conversation-assigned',
    { assigneeId: 'tuan', assigneeName: 'Tuấn' },
    'Lê Quang Minh giao cho Tuấn',
    'Lê Quang Minh assigned it to Tuấn',
  ],
  [
    'conversation-assigned',
    { assigneeId: null },
    'Lê Quang Minh trả về hàng chờ',
    'Lê Quang Minh gave it back to the queue',
  ],
  [
    'conversation-moved',
    { queueName: 'Đổi trả', previousQueueName: 'Bán hàng' },
    'Lê Quang Minh chuyển từ Bán hàng sang Đổi trả',
    'Lê Quang Minh moved it from Bán hàng to Đổi trả',
  ],
  [
    'conversation-state-changed',
    { state: 'closed' },
    'Lê Quang Minh đóng hội thoại',
    'Lê Quang Minh closed the conversation',
  ],
  [
    'conversation-state-changed',
    { state: 'open', previousState: 'closed' },
    'Lê Quang Minh mở lại hội thoại',
    'Lê Quang Minh reopened the conversation',
  ],
  [
    'conversation-state-changed',
    { state: 'snoozed', snoozedUntil: null },
    'Lê Quang Minh hoãn đến khi khách nhắn',
    'Lê Quang Minh snoozed it until the customer writes',
  ],
  [
    'conversation-priority-set',
    { priority: 'urgent' },
    'Lê Quang Minh đặt độ ưu tiên khẩn cấp',
    'Lê Quang Minh set the priority to urgent',
  ],
  [
    'conversation-escalated',
    { tier: 2, queueName: 'Đổi trả', reason: 'Vượt hạn mức' },
    'Lê Quang Minh chuyển lên cấp 2, hàng chờ Đổi trả',
    'Lê Quang Minh escalated it to tier 2, queue Đổi trả',
  ],
  [
    'conversation-handed-back',
    { tier: 1, previousTier: 2 },
    'Lê Quang Minh trả về cấp 1',
    'Lê Quang Minh handed it back to tier 1',
  ],
  ['something-of-a-newer-relay', {}, 'Lê Quang Minh đã thay đổi hội thoại', 'Lê Quang Minh changed the conversation'],
];

for (const [index, language] of (['vi', 'en'] as const).entries()) {
  test(`what happened to a conversation is put into words (${language})`, async () => {
    const rig = await startRig(language);
    for (const [type, params, ...words] of LINES) {
      const message = makeMessage({
        kind: 'system',
        author: { kind: 'agent', id: 'minh', name: 'Lê Quang Minh' },
        system: { type, params },
      });
      const { container, unmount } = renderOnConsole(rig, <SystemRow message={message} ownAgentId="lan" />);
      expect(container.querySelector('bdi')?.textContent).toBe(words[index]);
      if (params.reason !== undefined) expect(container.querySelector('blockquote')?.textContent).toBe(params.reason);
      unmount();
    }
  });
}

test('the end of a snooze by the clock is nobody’s doing', async () => {
  const rig = await startRig('en');
  const system = { type: 'conversation-state-changed', params: { state: 'open', previousState: 'snoozed' } };
  const author = { kind: 'system' as const, id: 'timer', name: '' };
  renderOnConsole(rig, <SystemRow message={makeMessage({ kind: 'system', author, system })} ownAgentId="lan" />);
  expect(screen.getByText('The snooze ended; the conversation is open again')).toBeTruthy();
});
