import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { AppError, makeErrorBody } from '../../../shared/errors.ts';
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
  return { ...rig, clock, user: userEvent.setup() };
}

test('a refused reply shows what was typed whole, why, what came meanwhile and what waits behind it', async () => {
  await openView();
  const card = (await screen.findAllByRole('article'))[0]!;
  expect(card.textContent).toContain('Chị còn cần gì nữa không ạ?\nEm sẽ gửi hàng trong chiều nay.');
  expect(within(card).getByRole('note').textContent).not.toBe('');
  expect(card.textContent).toContain('2 new messages since you wrote');
  expect(card.textContent).toContain('Thôi em huỷ đơn rồi');
  expect(card.textContent).toContain('1 later action waits for your decision');
  expect(card.textContent).toContain('Close the conversation');
});

test('send anyway submits it again, and the card goes', async () => {
  const { clock, fake, user } = await openView();
  await user.click((await screen.findAllByRole('button', { name: 'Send anyway' }))[0]!);
  await waitFor(() => expect(fake.attention).toHaveLength(1));
  act(() => clock.advance(200));
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
  expect(document.activeElement?.textContent).toBe('Discard');
  await user.keyboard('{Enter}');
  expect(document.activeElement?.textContent).toBe('Keep it');
  await user.keyboard('{Escape}');
  expect(document.activeElement?.textContent).toBe('Discard');
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

test('arrow keys go from card to card, Tab into them, and a card that is done with gives the focus to the next', async () => {
  const { clock, fake, user } = await openView();
  const [first, second] = await screen.findAllByRole('article');
  await waitFor(() => expect(document.activeElement).toBe(first));
  await user.keyboard('{ArrowDown}');
  expect(document.activeElement).toBe(second);
  await user.keyboard('{ArrowDown}{ArrowUp}');
  expect(document.activeElement).toBe(first);
  await user.keyboard('{Tab}{Tab}{Enter}');
  await waitFor(() => expect(fake.attention).toHaveLength(1));
  act(() => clock.advance(200));
  await waitFor(() => expect(screen.getAllByRole('article')).toHaveLength(1));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('article')));
});

test('an assignment that somebody else got says who has it, and since when', async () => {
  await openView();
  const card = (await screen.findAllByRole('article'))[1]!;
  expect(within(card).getByRole('note').textContent).toMatch(/Somebody else .*Trần Anh Tuấn took it at \d\d:\d\d\./u);
});

test('of a conversation that was withdrawn the text can be copied, and nothing is offered that can only fail', async () => {
  const { clock, console, fake, user } = await openView(1);
  const copied: string[] = [];
  Object.defineProperty(navigator, 'clipboard', {
    configurable: true,
    value: { writeText: async (text: string) => void copied.push(text) },
  });
  fake.attention = fake.attention.map((item) => ({
    ...item,
    ...{ isHere: false, customerName: null, meanwhile: [], blocked: [] },
    error: makeErrorBody('forbidden', 'relay', 'no', { reason: 'conversation-not-visible' }),
  }));
  clock.advance(1000);
  act(() => fake.push('outbox', { pendingCount: 0, attentionCount: 1 }));
  await waitFor(() => expect(screen.getByRole('note').textContent).toContain('You may not see this conversation'));
  expect(screen.queryByRole('button', { name: 'Send anyway' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Edit' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Copy' }));
  expect(copied).toEqual(['Chị còn cần gì nữa không ạ?\nEm sẽ gửi hàng trong chiều nay.']);
  await waitFor(() => expect(console.toasts.getState().toasts).toMatchObject([{ text: 'Copied' }]));
});

test('what a restored relay lost is one list, said once, and goes out again only when told to, in order', async () => {
  const { clock, fake, user } = await openView();
  const error = makeErrorBody('gone', 'relay', 'lost', { reason: 'relay-restored' });
  fake.attention = fake.attention.map((item) => ({ ...item, error, meanwhile: [], blocked: [], winner: null }));
  clock.advance(1000);
  act(() => fake.push('outbox', { pendingCount: 0, attentionCount: 2 }));
  const group = await screen.findByRole('region', { name: 'The relay was restored from a backup' });
  expect(within(group).getAllByRole('article')).toHaveLength(2);
  expect(within(group).queryByRole('note')).toBeNull();
  expect(fake.requests.filter((one) => one.name === 'attention.resolve')).toEqual([]);
  await user.click(within(group).getByRole('button', { name: 'Send all 2 again' }));
  await waitFor(() => expect(fake.attention).toEqual([]));
  const resolved = fake.requests.filter((one) => one.name === 'attention.resolve').map((one) => one.input);
  expect(resolved).toMatchObject([{ commandId: 'refused-1' }, { commandId: 'refused-2' }]);
});
