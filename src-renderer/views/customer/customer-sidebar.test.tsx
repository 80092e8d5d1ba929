import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { erasedError } from '../../../shared/domain/erasure/erasure.ts';
import { AppError } from '../../../shared/errors.ts';
import { renderOnConsole, startConsole } from '../../../tests/fakes/console-rig.tsx';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { CustomerSidebar } from './customer-sidebar.tsx';
import { formatMoney } from './format-money.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  cleanup();
  stops.splice(0).forEach((stop) => stop());
});

async function openSidebar(conversationId = 'conversation-1') {
  const rig = startConsole(new ManualClock(), { settings: { 'ui.language': 'en' } });
  stops.push(rig.stop);
  await waitFor(() => expect(rig.console.tabs.getState().isLoaded).toBe(true));
  const { unmount } = renderOnConsole(rig, <CustomerSidebar conversationId={conversationId} />);
  await screen.findByRole('heading', { level: 2 });
  return { ...rig, unmount, user: userEvent.setup() };
}

test('totals are written the Vietnamese way, whatever the language', () => {
  expect(formatMoney(389_000, 'VND', 'en').replace(/\s/gu, ' ')).toBe('389.000 ₫');
  expect(formatMoney(1_250_000, 'VND', 'vi').replace(/\s/gu, ' ')).toBe('1.250.000 ₫');
  expect(formatMoney(1999, 'USD', 'en')).toBe('US$19.99');
  expect(formatMoney(5, '???', 'en')).toBe('5 ???');
});

test('a field is edited where it stands: Enter saves, Escape leaves it, emptied it is unknown', async () => {
  const { fake, user } = await openSidebar();
  const updates = () => fake.requests.filter((one) => one.name === 'customer.update').map((one) => one.input);
  await user.click(screen.getByRole('button', { name: 'Edit phone' }));
  await user.type(screen.getByRole('textbox', { name: 'Phone' }), '0912 000 111{Escape}');
  expect(updates()).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Edit phone' }));
  await user.type(screen.getByRole('textbox', { name: 'Phone' }), '0912 000 111{Enter}');
  await screen.findByText('0912 000 111');
  expect(updates()).toMatchObject([{ customerId: 'customer-1', profile: { phone: '0912 000 111' } }]);
  await user.click(screen.getByRole('button', { name: /^Edit phone/ }));
  await user.clear(screen.getByRole('textbox', { name: 'Phone' }));
  await user.keyboard('{Enter}');
  await waitFor(() => expect(updates().at(-1)).toMatchObject({ profile: { phone: null } }));
});

test('a change that is refused stays in its field', async () => {
  const { fake, user } = await openSidebar();
  fake.overrides['customer.update'] = () => {
    throw new AppError('forbidden', 'No.');
  };
  await user.click(screen.getByRole('button', { name: /^Edit first name/ }));
  const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'First name' });
  await user.clear(field);
  await user.type(field, 'Cường{Enter}');
  await waitFor(() => expect(fake.requests.some((one) => one.name === 'customer.update')).toBe(true));
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'First name' }).value).toBe('Cường');
});

test('a note is saved when its view goes, and a field with it', async () => {
  const { fake, user, unmount } = await openSidebar();
  const updates = () => fake.requests.filter((one) => one.name === 'customer.update').map((one) => one.input);
  await user.type(screen.getByRole('textbox', { name: 'Note about the customer' }), 'Gọi sau 18 giờ');
  await user.click(screen.getByRole('button', { name: /^Edit address/ }));
  await user.keyboard('12 Hàng Bài');
  expect(updates()).toEqual([]);
  unmount();
  await waitFor(() =>
    expect(updates().map((input) => (input as { profile: object }).profile)).toEqual([
      { address: '12 Hàng Bài' },
      { note: 'Gọi sau 18 giờ' },
    ]),
  );
});

test('Escape in a note is for the input method first; a note that was discarded comes back', async () => {
  const { console, user } = await openSidebar();
  const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Note about the customer' });
  await user.type(box(), 'Gọi sau 18 giờ');
  fireEvent.keyDown(box(), { key: 'Escape', isComposing: true });
  expect(box().value).toBe('Gọi sau 18 giờ');
  await user.keyboard('{Escape}');
  expect(box().value).toBe('');
  act(() => console.toasts.getState().toasts.at(-1)!.undo!());
  expect(box().value).toBe('Gọi sau 18 giờ');
});

test('a discarded note whose view has gone is saved when it is taken back', async () => {
  const { console, fake, user, unmount } = await openSidebar();
  await user.type(screen.getByRole('textbox', { name: 'Note about the customer' }), 'Gọi sau 18 giờ{Escape}');
  unmount();
  const updates = () => fake.requests.filter((one) => one.name === 'customer.update').map((one) => one.input);
  expect(updates()).toEqual([]);
  console.toasts.getState().toasts.at(-1)!.undo!();
  await waitFor(() => expect(updates()).toMatchObject([{ profile: { note: 'Gọi sau 18 giờ' } }]));
});

test('a discarded emptying of a note is had back as no note', async () => {
  const { console, fake, user, unmount } = await openSidebar();
  Object.assign(
    fake.workspace.customers.find(({ id }) => id === 'customer-1')!,
    { note: 'Gọi sau 18 giờ' },
  );
  act(() => fake.push('changed', { subjects: ['customer:customer-1'] }));
  const box = await screen.findByDisplayValue('Gọi sau 18 giờ');
  await user.clear(box);
  await user.type(box, '  {Escape}');
  unmount();
  console.toasts.getState().toasts.at(-1)!.undo!();
  const updates = () => fake.requests.filter((one) => one.name === 'customer.update').map((one) => one.input);
  await waitFor(() => expect(updates()).toMatchObject([{ profile: { note: null } }]));
});

test('a discarded note is not had back over one that was written meanwhile: it is in the note box, and that is said', async () => {
  const { console, fake, user, unmount } = await openSidebar();
  const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Note about the customer' });
  const updates = () => fake.requests.filter((one) => one.name === 'customer.update');
  const texts = () => console.toasts.getState().toasts.map(({ text }) => text);
  console.drafts.edit('conversation-1', 'note', { text: 'Hỏi kho', caret: 7 });
  await user.type(box(), 'Gọi sau 18 giờ{Escape}');
  const { undo } = console.toasts.getState().toasts.at(-1)!;
  Object.assign(
    fake.workspace.customers.find(({ id }) => id === 'customer-1')!,
    { note: 'Khách quen' },
  );
  act(() => fake.push('changed', { subjects: ['customer:customer-1'] }));
  await screen.findByDisplayValue('Khách quen');
  act(() => undo!());
  expect(box().value).toBe('Khách quen');
  await waitFor(() => expect(texts().at(-1)).toMatch(/changed meanwhile.*note box/));
  // Once, below what was begun there, however often it is asked for.
  unmount();
  undo!();
  await waitFor(() => expect(texts().filter((text) => /changed meanwhile/.test(text))).toHaveLength(2));
  expect(console.drafts.getState().drafts['conversation-1']!.note.text).toBe('Hỏi kho\nGọi sau 18 giờ');
  expect(updates()).toEqual([]);
});

test('INV-10 what cannot be saved when its view has gone is in the note box: a note that is had back, and one being left', async () => {
  const { console, fake, user, unmount } = await openSidebar();
  const noted = () => console.drafts.getState().drafts['conversation-1']?.note.text ?? '';
  fake.overrides['customer.update'] = () => {
    throw new AppError('forbidden', 'No.', { reason: 'no-access' });
  };
  const box = screen.getByRole('textbox', { name: 'Note about the customer' });
  await user.type(box, 'Gọi sau 18 giờ{Escape}');
  const { undo } = console.toasts.getState().toasts.at(-1)!;
  await user.type(box, 'Không giao sáng');
  await user.click(screen.getByRole('button', { name: /^Edit address/ }));
  await user.keyboard('12 Hàng Bài');
  unmount();
  await waitFor(() => expect(noted()).toBe('Address: 12 Hàng Bài\nKhông giao sáng'));
  expect(console.toasts.getState().toasts.at(-1)).toMatchObject({
    tone: 'error',
    text: expect.stringContaining('note box'),
  });
  undo!();
  await waitFor(() => expect(noted()).toBe('Address: 12 Hàng Bài\nKhông giao sáng\nGọi sau 18 giờ'));
  delete fake.overrides['customer.update'];
  fake.overrides['customer.get'] = () => {
    throw erasedError();
  };
  console.drafts.edit('conversation-1', 'note', { text: '', caret: 0 });
  undo!();
  await waitFor(() => expect(noted()).toBe('Gọi sau 18 giờ'));
});

test('of whoever was signed out nothing is put into a note box, where the next agent would find it', async () => {
  const { console, fake, user, unmount } = await openSidebar();
  const signedOut = () => {
    throw new AppError('unauthenticated', 'Sign in first.', { reason: 'not-signed-in' });
  };
  const box = screen.getByRole('textbox', { name: 'Note about the customer' });
  await user.type(box, 'Gọi sau 18 giờ{Escape}');
  const { undo } = console.toasts.getState().toasts.at(-1)!;
  await user.type(box, 'Không giao sáng');
  await console.drafts.load('conversation-1');
  fake.overrides['customer.update'] = signedOut;
  unmount();
  const refusals = () => console.toasts.getState().toasts.filter(({ tone }) => tone === 'error');
  await waitFor(() => expect(refusals()).toHaveLength(1));
  // Nor where only the drafts find out.
  console.drafts.clear();
  fake.overrides['draft.get'] = signedOut;
  fake.overrides['customer.get'] = () => {
    throw erasedError();
  };
  undo!();
  await waitFor(() => expect(refusals()).toHaveLength(2));
  expect(
    refusals()
      .map(({ text }) => text)
      .join(),
  ).not.toContain('note box');
  expect(console.drafts.getState().drafts).toEqual({});
});

test('what is being edited is saved before the agent signs out; what is refused is in the note box before', async () => {
  const { console, fake, user } = await openSidebar();
  await user.type(screen.getByRole('textbox', { name: 'Note about the customer' }), 'Gọi sau 18 giờ');
  await act(() => console.openEdits.saveAll());
  const update = fake.requests.find(({ name }) => name === 'customer.update');
  expect(update).toMatchObject({ input: { profile: { note: 'Gọi sau 18 giờ' } } });
  fake.overrides['customer.update'] = () => {
    throw new AppError('forbidden', 'No.', { reason: 'no-access' });
  };
  await user.type(screen.getByRole('textbox', { name: 'Note about the customer' }), ', không giao sáng');
  await act(() => console.openEdits.saveAll());
  expect(console.drafts.getState().drafts['conversation-1']!.note.text).toBe('Gọi sau 18 giờ, không giao sáng');
});

test('of a field that was emptied nothing is kept when that is refused: nothing was typed', async () => {
  const { console, fake, user, unmount } = await openSidebar();
  Object.assign(
    fake.workspace.customers.find(({ id }) => id === 'customer-1')!,
    { address: '12 Hàng Bài' },
  );
  fake.push('changed', { subjects: ['customer:customer-1'] });
  await user.click(await screen.findByRole('button', { name: /^Edit address: 12/ }));
  fake.overrides['customer.update'] = () => {
    throw new AppError('forbidden', 'No.', { reason: 'no-access' });
  };
  fireEvent.change(screen.getByRole('textbox', { name: 'Address' }), { target: { value: '' } });
  unmount();
  await waitFor(() => expect(console.toasts.getState().toasts).toHaveLength(1));
  expect(console.toasts.getState().toasts[0]!.text).not.toContain('note box');
  expect(console.drafts.getState().drafts['conversation-1']?.note.text ?? '').toBe('');
});

test('a field that takes a moment to be saved gives the focus to its button, unless it is elsewhere by then', async () => {
  const { console, user } = await openSidebar();
  const request = console.core.request.bind(console.core);
  for (const key of ['{Enter}', '{Tab}']) {
    const { promise, resolve } = Promise.withResolvers<void>();
    vi.spyOn(console.core, 'request').mockImplementation((name, input) =>
      (name === 'customer.update' ? promise : Promise.resolve()).then(() => request(name, input)),
    );
    await user.click(screen.getByRole('button', { name: /^Edit first name/ }));
    await user.keyboard(`Cường${key}`);
    await new Promise((done) => requestAnimationFrame(done));
    await act(async () => {
      resolve();
      await promise;
    });
    const opener = await screen.findByRole('button', { name: /^Edit first name/ });
    expect(document.activeElement === opener).toBe(key === '{Enter}');
    expect(document.activeElement).not.toBe(document.body);
  }
});

test('orders: status in words, items on demand', async () => {
  const { user } = await openSidebar();
  expect(screen.getByText('Delivered')).toBeTruthy();
  expect(screen.queryByText(/Áo khoác gió/)).toBeNull();
  await user.click(screen.getByRole('button', { name: /^Show the items of order DH-/ }));
  expect(screen.getByText(/Áo khoác gió/)).toBeTruthy();
});

test('an earlier conversation opens in a tab beside this one', async () => {
  const { console, fake, user } = await openSidebar();
  const [entry] = screen.getAllByRole('button', { name: /^Open the conversation of/ });
  const { conversations } = fake.workspace;
  const other = conversations.find(({ id, customer }) => customer.id === 'customer-1' && id !== 'conversation-1')!;
  // A date alone tells nobody which one it is.
  expect(entry!.getAttribute('aria-label')).toContain(`, ${other.lastMessage!.text}`);
  await user.click(entry!);
  expect(console.tabs.getState().activeId).toMatch(/^conversation-(?!1$)/);
});

test('a part that was shut stays shut for the next customer', async () => {
  const { console, user } = await openSidebar();
  await user.click(screen.getByRole('button', { name: /^Orders/ }));
  expect(screen.queryByText('Delivered')).toBeNull();
  expect(console.settings.getState().closedSections).toEqual(['orders']);
});

for (const [language, words] of [
  ['en', 'Nothing is known of this customer any more.'],
  ['vi', 'Không còn thông tin nào về khách này.'],
] as const) {
  test(`beside a conversation whose customer was erased it is said why there is nothing (${language})`, async () => {
    const rig = startConsole(new ManualClock());
    stops.push(rig.stop);
    await rig.i18n.changeLanguage(language);
    await waitFor(() => expect(rig.console.tabs.getState().isLoaded).toBe(true));
    rig.fake.overrides['conversation.get'] = () => {
      throw erasedError();
    };
    renderOnConsole(rig, <CustomerSidebar conversationId="conversation-1" />);
    await screen.findByText(words);
  });
}
