import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { renderOnConsole, startConsole } from '../../../tests/fakes/console-rig.tsx';
import { makeAttention } from '../../../tests/fakes/fake-messages.ts';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { AttentionView } from './attention-view.tsx';

const stops: (() => void)[] = [];
afterEach(() => {
  cleanup();
  stops.splice(0).forEach((stop) => stop());
});

async function openView(count = 2) {
  const clock = new ManualClock();
  const rig = startConsole(clock, { settings: { 'ui.language': 'en' } });
  stops.push(rig.stop);
  await waitFor(() => expect(rig.console.tabs.getState().isLoaded).toBe(true));
  rig.fake.attention = makeAttention(rig.fake.workspace, clock.now()).slice(0, count);
  renderOnConsole(rig, <AttentionView />);
  return { ...rig, user: userEvent.setup() };
}

test('a refused reply shows what was typed whole, why, what came meanwhile and what waits behind it', async () => {
  await openView();
  const card = (await screen.findAllByRole('article'))[0]!;
  expect(card.textContent).toContain('Chị còn cần gì nữa không ạ?\nEm sẽ gửi hàng trong chiều nay.');
  expect(within(card).getByRole('note').textContent).not.toBe('');
  expect(card.textContent).toContain('2 new messages since you wrote');
  expect(card.textContent).toContain('Thôi em huỷ đơn rồi');
  expect(card.textContent).toContain('1 later action waits for this one');
  expect(card.textContent).toContain('Close the conversation');
});

test('send anyway submits it again, and the card goes', async () => {
  const { fake, user } = await openView();
  await user.click((await screen.findAllByRole('button', { name: 'Send anyway' }))[0]!);
  await waitFor(() => expect(screen.getAllByRole('article')).toHaveLength(1));
  expect(fake.requests.find((one) => one.name === 'attention.resolve')?.input).toEqual({
    commandId: 'refused-1',
    action: 'send-anyway',
  });
});

test('edit brings the text back into the box and opens the conversation', async () => {
  const { console, user } = await openView();
  await user.click(await screen.findByRole('button', { name: 'Edit' }));
  await waitFor(() => expect(console.tabs.getState().activeId).toBe('conversation-0'));
  expect(console.drafts.getState().drafts['conversation-0']!.reply.text).toContain('Chị còn cần gì nữa không ạ?');
});

test('discard asks first, and keeps by default', async () => {
  const { fake, user } = await openView();
  await user.click((await screen.findAllByRole('button', { name: 'Discard' }))[0]!);
  expect(document.activeElement?.textContent).toBe('Keep it');
  await user.keyboard('{Enter}');
  expect(fake.attention).toHaveLength(2);
  await user.click((await screen.findAllByRole('button', { name: 'Discard' }))[0]!);
  await user.click(screen.getByRole('button', { name: 'Discard it' }));
  await waitFor(() => expect(fake.attention.map((item) => item.commandId)).toEqual(['refused-2']));
});

test('a command without text offers to try again, not to edit', async () => {
  await openView();
  const card = (await screen.findAllByRole('article'))[1]!;
  expect(within(card).getByRole('button', { name: 'Try again' })).toBeTruthy();
  expect(within(card).queryByRole('button', { name: 'Edit' })).toBeNull();
});

test('what could not be resolved stays', async () => {
  const { console, fake, user } = await openView(1);
  fake.overrides['attention.resolve'] = () => {
    throw new AppError('storage', 'The disk is full.');
  };
  await user.click(await screen.findByRole('button', { name: 'Send anyway' }));
  await waitFor(() => expect(console.toasts.getState().toasts).toMatchObject([{ tone: 'error' }]));
  expect(screen.getAllByRole('article')).toHaveLength(1);
});

test('nothing refused: it says so', async () => {
  await openView(0);
  expect(await screen.findByText('Nothing needs attention')).toBeTruthy();
});
