import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { AppError, makeErrorBody } from '../../../shared/errors.ts';
import { asked, tabNames, useApps } from '../../../tests/fakes/open-app.tsx';
import { makeFakeWorkspace } from '../../../tests/fakes/fake-workspace.ts';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';

const { openApp } = useApps();
const listBox = () => screen.getAllByRole('listbox')[0]!;

test('the list: J and K move, Enter opens a tab, Space selects, Escape ends the selection', async () => {
  const { console, user } = await openApp();
  listBox().focus();
  await user.keyboard('jj');
  const second = console.lists.list({ view: 'mine', queueId: null }, 'newest').idAt(1)!;
  await waitFor(() => expect(console.navigation.getState().focusedId).toBe(second));
  expect(listBox().getAttribute('aria-activedescendant')).toContain(second);
  await user.keyboard('{Enter}');
  expect(console.tabs.getState().activeId).toBe(second);
  await waitFor(() => expect(tabNames()).toHaveLength(1));
  // Letters typed from here on are a reply, not shortcuts.
  await waitFor(() => expect(document.activeElement?.tagName).toBe('TEXTAREA'));

  listBox().focus();
  await user.keyboard(' {ArrowDown} ');
  await waitFor(() => expect(console.selection.getState().ids.size).toBe(2));
  expect(screen.getByRole('toolbar').textContent).toContain('2 selected');
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('toolbar')).toBeNull();
});

test('whoever chooses a list goes on in it, and with nothing focused the list keys still work', async () => {
  const { console, user } = await openApp();
  await user.click(screen.getByRole('button', { name: /^Open/ }));
  await waitFor(() => expect(document.activeElement).toBe(listBox()));
  act(() => listBox().blur());
  expect(document.activeElement).toBe(document.body);
  await user.keyboard('j');
  await waitFor(() => expect(console.navigation.getState().focusedId).not.toBeNull());
  await user.keyboard('{Enter}');
  expect(console.tabs.getState().activeId).toBe(console.navigation.getState().focusedId);
});

test('with no conversation open the list has the keys: after the start, and once the last tab is closed', async () => {
  const { user } = await openApp();
  await waitFor(() => expect(document.activeElement).toBe(listBox()));
  await user.keyboard('j{Enter}');
  await waitFor(() => expect(document.activeElement?.tagName).toBe('TEXTAREA'));
  await user.click(screen.getByRole('button', { name: /^Close the tab of/ }));
  await waitFor(() => expect(document.activeElement).toBe(listBox()));
});

test('a list that was chosen in the command menu has the keys, also when a reply had them before', async () => {
  const { user, clock } = await openApp();
  await waitFor(() => expect(document.activeElement).toBe(listBox()));
  await user.keyboard('j{Enter}');
  await waitFor(() => expect(document.activeElement?.tagName).toBe('TEXTAREA'));
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox'), 'unassigned{Enter}');
  act(() => clock.advance(100));
  await waitFor(() => expect(document.activeElement?.getAttribute('data-shortcuts')).toBe('list'));
});

test('closing the search leads back to the reply, or to the list where no conversation is open', async () => {
  const { user } = await openApp();
  await waitFor(() => expect(document.activeElement).toBe(listBox()));
  await user.keyboard('{Control>}{Shift>}F{/Shift}{/Control}');
  await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('combobox'));
  await user.keyboard('{Escape}');
  await waitFor(() => expect(document.activeElement).toBe(listBox()));
  await user.keyboard('j{Enter}');
  await waitFor(() => expect(document.activeElement?.tagName).toBe('TEXTAREA'));
  await user.keyboard('{Control>}{Shift>}F{/Shift}{/Control}');
  await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('combobox'));
  await user.keyboard('{Escape}');
  await waitFor(() => expect(document.activeElement?.tagName).toBe('TEXTAREA'));
});

test('one that was selected and given away is not what the next key means', async () => {
  const { fake, console, user } = await openApp();
  await waitFor(() => expect(document.activeElement).toBe(listBox()));
  await user.keyboard('j ');
  expect(console.selection.getState().ids.size).toBe(1);
  const [moved] = console.selection.getState().ids;
  const { id: queueId, name } = fake.workspace.queues.find(({ id }) => id !== fake.conversation(moved!).queue.id)!;
  await user.keyboard('v');
  await user.type(await screen.findByRole('combobox'), `${name}{Enter}`);
  expect(asked(fake, 'conversation.move')).toMatchObject([{ conversationIds: [moved], queueId }]);
  expect(console.selection.getState().ids.size).toBe(0);
});

test('a letter typed after the button that was clicked has gone is part of the reply, not a shortcut', async () => {
  const { fake, user } = await openApp();
  await waitFor(() => expect(document.activeElement).toBe(listBox()));
  await user.keyboard('j{Enter}');
  const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: /^Reply to/ });
  await waitFor(() => expect(document.activeElement).toBe(box()));
  await user.click(screen.getByRole('button', { name: 'Close' }));
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(document.activeElement).toBe(document.body));
  const closed = asked(fake, 'conversation.close').length;
  await user.keyboard('em chào chị');
  expect(asked(fake, 'conversation.close')).toHaveLength(closed);
  expect(document.activeElement).toBe(box());
  expect(box().value).toMatch(/em chào chị$/u);
});

test('a letter typed on a button of the conversation, as after a file was picked, is part of the reply; Space presses it', async () => {
  const { fake, user } = await openApp();
  await waitFor(() => expect(document.activeElement).toBe(listBox()));
  await user.keyboard('j{Enter}');
  const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: /^Reply to/ });
  await waitFor(() => expect(document.activeElement).toBe(box()));
  const attach = screen.getByRole('button', { name: /^Attach/ });
  await user.click(attach);
  expect(document.activeElement).toBe(attach);
  await user.keyboard('em gửi hình');
  expect(asked(fake, 'conversation.close')).toEqual([]);
  expect(box().value).toMatch(/em gửi hình$/u);
  act(() => screen.getByRole('button', { name: 'More actions' }).focus());
  await user.keyboard(' ');
  expect(await screen.findByRole('menu')).toBeTruthy();
});

test('a key of a composing input method moves nothing', async () => {
  const { console } = await openApp();
  listBox().focus();
  fireEvent.keyDown(listBox(), { key: 'j', code: 'KeyJ', isComposing: true });
  fireEvent.keyDown(listBox(), { key: 'Process', code: 'KeyJ', keyCode: 229 });
  fireEvent.keyDown(listBox(), { key: 'k', code: 'KeyK', ctrlKey: true, isComposing: true });
  expect(console.navigation.getState()).toMatchObject({ focusedId: null, dialog: null });
  fireEvent.keyDown(listBox(), { key: 'j', code: 'KeyJ' });
  await waitFor(() => expect(console.navigation.getState().focusedId).not.toBeNull());
});

test('a shift lead moves twenty at once with one command, and takes it back with one undo', async () => {
  const clock = new ManualClock();
  const { fake, console, user } = await openApp({ workspace: makeFakeWorkspace(clock.now(), 200) }, clock);
  await user.click(screen.getByRole('button', { name: /^Open/ }));
  await waitFor(() => expect(screen.getAllByRole('option').length).toBeGreaterThan(5));
  const list = console.lists.list({ view: 'open', queueId: null }, 'newest');
  await waitFor(() => expect(list.idAt(39)).not.toBeNull());
  // What is in the target queue already needs no moving.
  const elsewhere = Array.from({ length: 40 }, (_, index) => list.idAt(index)!).filter(
    (id) => fake.conversation(id).queue.id !== 'returns',
  );
  const ids = elsewhere.slice(0, 20);
  act(() => console.selection.getState().add(ids));
  const queuesBefore = ids.map((id) => fake.conversation(id).queue.id);

  await user.click(within(screen.getByRole('toolbar')).getByRole('button', { name: 'Move to queue' }));
  await user.keyboard('doi tra{Enter}');
  expect(asked(fake, 'conversation.move')).toMatchObject([{ conversationIds: ids, queueId: 'returns' }]);
  expect(new Set(ids.map((id) => fake.conversation(id).queue.id))).toEqual(new Set(['returns']));
  expect(console.selection.getState().ids.size).toBe(0);

  await user.click(screen.getByRole('button', { name: /Undo/ }));
  await waitFor(() => expect(ids.map((id) => fake.conversation(id).queue.id)).toEqual(queuesBefore));
});

test('Ctrl and Shift clicks select; Ctrl+A selects the whole list, also what was not read yet', async () => {
  const clock = new ManualClock();
  const { console, user } = await openApp({ workspace: makeFakeWorkspace(clock.now(), 450) }, clock);
  const rows = screen.getAllByRole('option');
  await user.keyboard('{Control>}');
  await user.click(rows[1]!);
  await user.keyboard('{/Control}');
  expect(console.tabs.getState().tabs).toEqual([]);
  await user.keyboard('{Shift>}');
  await user.click(rows[4]!);
  await user.keyboard('{/Shift}');
  await waitFor(() => expect(console.selection.getState().ids.size).toBe(4));
  listBox().focus();
  await user.keyboard('{Control>}a{/Control}');
  const { total } = console.lists.list({ view: 'mine', queueId: null }, 'newest').store.getState();
  expect(total).toBeGreaterThan(100);
  await waitFor(() => expect(console.selection.getState().ids.size).toBe(total));
});

test('tabs: one tab stop, arrows move, Ctrl+number jumps, Delete closes, and the closed one comes back', async () => {
  const tabs = ['conversation-0', 'conversation-1', 'conversation-2'].map((conversationId) => ({
    conversationId,
    scroll: null,
  }));
  const { console, user } = await openApp({
    settings: { 'ui.language': 'en', 'ui.tabs': { tabs, activeId: 'conversation-1' } },
  });
  await waitFor(() => expect(screen.getAllByRole('tab')).toHaveLength(3));
  expect(screen.getAllByRole('tab').filter((tab) => tab.tabIndex === 0)).toHaveLength(1);
  screen.getAllByRole('tab')[1]!.focus();
  await user.keyboard('{ArrowRight}');
  expect(console.tabs.getState().activeId).toBe('conversation-2');
  expect(document.activeElement).toBe(screen.getAllByRole('tab')[2]);
  await user.keyboard('{Control>}1{/Control}');
  expect(console.tabs.getState().activeId).toBe('conversation-0');
  await user.keyboard('{Control>}{Alt>}{ArrowLeft}{/Alt}{/Control}');
  expect(console.tabs.getState().activeId).toBe('conversation-2');
  screen.getAllByRole('tab')[2]!.focus();
  await user.keyboard('{Delete}');
  expect(console.tabs.getState().tabs).toHaveLength(2);
  act(() => listBox().focus());
  await user.keyboard('{Control>}{Shift>}Z{/Shift}{/Control}');
  expect(console.tabs.getState().activeId).toBe('conversation-2');
});

test('shortcuts act on the row that the arrow keys stand on, else on the open conversation', async () => {
  const { fake, console, user } = await openApp();
  const list = console.lists.list({ view: 'mine', queueId: null }, 'newest');
  const [first, second] = [list.idAt(0)!, list.idAt(1)!];
  act(() => console.tabs.getState().open(first));
  await waitFor(() => expect(document.activeElement?.tagName).toBe('TEXTAREA'));
  listBox().focus();
  await user.keyboard('jj');
  await waitFor(() => expect(console.navigation.getState().focusedId).toBe(second));
  await user.keyboard('e');
  expect(asked(fake, 'conversation.close')).toMatchObject([{ conversationIds: [second] }]);
  (document.activeElement as HTMLElement).blur();
  await user.keyboard('{Control>}{Shift>}E{/Shift}{/Control}');
  await waitFor(() => expect(asked(fake, 'conversation.close')).toHaveLength(2));
  expect(asked(fake, 'conversation.close')[1]).toMatchObject({ conversationIds: [first] });
});

test('the connection indicator says what is so, and nothing once the core cannot be reached', async () => {
  const { fake, clock } = await openApp();
  const shown = () => document.querySelector('[data-status]')!.getAttribute('aria-label');
  expect(shown()).toBe('Online');
  act(() => fake.setStatus({ state: 'catching-up', progress: 0.437 }));
  // What is over at once needs no figure.
  expect(shown()).toBe('Catching up…');
  act(() => clock.advance(1000));
  expect(shown()).toBe('Catching up 43%');
  const since = new Date(clock.now());
  since.setHours(7, 5);
  act(() => fake.setStatus({ state: 'offline', progress: null, since: since.getTime(), pendingCount: 6 }));
  expect(shown()).toBe('Offline since 07:05, 6 waiting to be sent');
  // A try in between is not a connection, and no reason to say anything else.
  act(() => fake.setStatus({ state: 'connecting', error: null }));
  expect(shown()).toBe('Offline since 07:05, 6 waiting to be sent');
  act(() => fake.setStatus({ state: 'connecting', error: makeErrorBody('offline', 'console', 'unreachable') }));
  expect(shown()).toBe('Offline since 07:05, 6 waiting to be sent');
  act(() => fake.setStatus({ state: 'paused' }));
  expect(shown()).toBe('Offline on purpose, 6 waiting to be sent');
  act(() => fake.setStatus({ state: 'online', pendingCount: 0, storage: 'full' }));
  expect(shown()).toBe('Disk full · nothing new comes in');
  act(() => fake.setStatus({ storage: 'ok', pendingCount: 1 }));
  expect(shown()).toBe('Online');
  act(() => clock.advance(1000));
  expect(shown()).toBe('Online, 1 waiting to be sent');
  act(() => fake.die());
  expect(shown()).toBe('Restarting…');
});

test('a notice of the core is shown once and is gone when it was seen', async () => {
  const { fake, user } = await openApp();
  act(() => fake.setStatus({ notice: { id: 'n1', reason: 'cache-rebuilt' } }));
  expect(screen.getByText(/was damaged or of another version/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Got it' }));
  expect(asked(fake, 'sync.dismissNotice')).toEqual([{ id: 'n1' }]);
  await waitFor(() => expect(screen.queryByText(/could not be read/)).toBeNull());
});

test('signing out warns of what was not sent, and only then forces it', async () => {
  const { fake, console, user } = await openApp();
  act(() => fake.setStatus({ state: 'offline', pendingCount: 2 }));
  act(() => console.navigation.getState().openDialog('sign-out'));
  expect(await screen.findByText(/2 actions have not been sent yet/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Sign out anyway' }));
  expect(asked(fake, 'session.signOut')).toEqual([{ force: true }]);
  expect(await screen.findByLabelText('Password')).toBeTruthy();
  act(() => fake.push('signedOut', { reason: 'signed-out' }));
  expect(screen.getByText(/^You have signed out\. Nothing is lost/)).toBeTruthy();
});

test('signing out saves what is being edited of a customer before', async () => {
  const { fake, console, user } = await openApp();
  listBox().focus();
  await user.keyboard('j{Enter}');
  await user.type(await screen.findByRole('textbox', { name: 'Note about the customer' }), 'Gọi sau 18 giờ');
  act(() => console.navigation.getState().openDialog('sign-out'));
  await user.click(await screen.findByRole('button', { name: 'Sign out' }));
  expect(await screen.findByLabelText('Password')).toBeTruthy();
  const names = fake.requests.map(({ name }) => name).filter((name) => /customer.update|signOut/u.test(name));
  expect(names).toEqual(['customer.update', 'session.signOut']);
});

test('signing in: says which part is wrong, in words, and then lets the agent in', async () => {
  const { fake, user } = await openApp({ isSignedIn: false });
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(screen.getByRole('alert').textContent).toContain('Enter your e-mail and password');
  const address = screen.getByLabelText('Relay address');
  await user.clear(address);
  await user.type(address, 'not an address');
  await user.type(screen.getByLabelText('E-mail'), 'lan@cuahang.example');
  await user.type(screen.getByLabelText('Password'), 'wrong');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(screen.getByRole('alert').textContent).toContain('not a relay address');
  await user.clear(address);
  await user.type(address, '192.168.1.10:4600');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('Wrong e-mail or password'));
  expect(asked(fake, 'session.signIn').at(-1)).toMatchObject({ relayUrl: 'http://192.168.1.10:4600' });
  await user.clear(screen.getByLabelText('Password'));
  await user.type(screen.getByLabelText('Password'), 'liendesk{Enter}');
  expect(await screen.findAllByRole('option')).toBeTruthy();

  // The next time the address and the e-mail are there, and only the password is asked for.
  fake.isSignedIn = false;
  act(() => fake.setStatus({ state: 'signed-out' }));
  await waitFor(() =>
    expect(screen.getByLabelText('Relay address')).toHaveProperty('value', 'http://192.168.1.10:4600'),
  );
  expect(screen.getByLabelText('E-mail')).toHaveProperty('value', 'lan@cuahang.example');
  expect(document.activeElement).toBe(screen.getByLabelText('Password'));
});

test('a list that cannot be read says so and offers to try again', async () => {
  const { fake, user, clock } = await openApp();
  fake.overrides['conversation.list'] = () => {
    throw new AppError('storage', 'SQLITE_FULL');
  };
  await user.click(screen.getByRole('button', { name: /^Snoozed/ }));
  await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('disk cannot be written'));
  delete fake.overrides['conversation.list'];
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  act(() => clock.advance(200));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  expect(screen.getAllByRole('option').length).toBeGreaterThan(0);
});

test('arrivals are told by the host unless they are being looked at or switched off; the title counts unread', async () => {
  const { fake, console } = await openApp();
  await waitFor(() => expect(document.title).toMatch(/^\(\d+\) Liendesk$/));
  const arrived = {
    conversationId: 'conversation-0',
    messageId: 'm',
    customerName: 'Hồng Nhung',
    text: 'Shop ơi',
    isMine: true,
  };
  fake.push('arrived', arrived);
  await waitFor(() => expect(asked(fake, 'host.notify')).toMatchObject([{ title: 'Hồng Nhung', body: 'Shop ơi' }]));
  act(() => console.tabs.getState().open('conversation-0'));
  const focus = vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  fake.push('arrived', arrived);
  focus.mockReturnValue(false);
  act(() => console.settings.getState().set('hasNotifications', false));
  fake.push('arrived', arrived);
  act(() => console.settings.getState().set('hasNotifications', true));
  fake.push('arrived', { ...arrived, isMine: false, text: '' });
  await waitFor(() => expect(asked(fake, 'host.notify')).toHaveLength(2));
  expect(asked(fake, 'host.notify')[1]).toMatchObject({ title: 'Hồng Nhung (unassigned)', body: 'Sent a file' });
  focus.mockRestore();
});

test('clicking a notification opens the conversation it was about', async () => {
  const { fake, console } = await openApp();
  act(() => fake.push('openConversation', { conversationId: 'conversation-4' }));
  expect(console.tabs.getState().activeId).toBe('conversation-4');
});
