import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { asked, tabNames, useApps } from '../../../tests/fakes/open-app.tsx';

const { openApp } = useApps();

test('the command menu finds a customer without accents and opens the conversation', async () => {
  const { console, user, clock } = await openApp();
  await user.keyboard('{Control>}k{/Control}');
  const field = await screen.findByRole('combobox');
  await user.type(field, 'pham minh chau');
  const list = () => within(screen.getByRole('dialog')).getByRole('listbox');
  // So that a screen reader does not read out what is still of a text before.
  expect(list().getAttribute('aria-busy')).toBe('true');
  act(() => clock.advance(100));
  await within(screen.getByRole('dialog')).findAllByRole('option', { name: /Phạm Minh Châu/ });
  expect(list().getAttribute('aria-busy')).toBe('false');
  await user.keyboard('{Enter}');
  expect(console.navigation.getState().dialog).toBeNull();
  const { activeId } = console.tabs.getState();
  expect(activeId).not.toBeNull();
  await waitFor(() => expect(tabNames()).toEqual(['Phạm Minh Châu']));
});

test('Enter in the command menu means the same however fast it comes: a name, else a command that begins so, else what was written', async () => {
  const { console, fake, user, clock } = await openApp();
  const { id } = fake.workspace.conversations[0]!;
  fake.overrides['search.run'] = ({ text }) => ({
    hits: ['Trần Minh Tâm', 'Lê Văn Bình'].map((customerName) => ({
      ...{ kind: 'message' as const, conversationId: customerName === 'Lê Văn Bình' ? 'another' : id, messageId: null },
      ...{ position: null, customerId: null, customerName, at: 0, snippet: { text, matches: [] } },
    })),
    tookMs: 1,
  });
  await user.keyboard('{Control>}k{/Control}');
  const field = await screen.findByRole('combobox');
  await user.type(field, 'what waits');
  const selected = () => screen.getByRole('option', { selected: true }).textContent;
  act(() => clock.advance(100));
  await screen.findByRole('option', { name: /Bình/ });
  expect(selected()).not.toMatch(/Bình|Tâm/);
  // Those of the text before are still there when Enter comes.
  await user.clear(field);
  await user.type(field, 'tam{Enter}');
  expect(console.navigation.getState().dialog).toBe('command-menu');
  act(() => clock.advance(100));
  await waitFor(() => expect(console.navigation.getState().dialog).toBeNull());
  expect(console.tabs.getState().activeId).toBe(id);
});

test('a command that only has what was typed somewhere in it comes after what was written', async () => {
  const { console, fake, user, clock } = await openApp({ settings: { 'ui.language': 'vi' } });
  const { id } = fake.workspace.conversations[0]!;
  fake.overrides['search.run'] = ({ text }) => ({
    hits: [
      {
        ...{ kind: 'message', conversationId: id, messageId: null, position: null, customerId: null, at: 0 },
        ...{ customerName: 'Lê Văn Bình', snippet: { text, matches: [] } },
      },
    ],
    tookMs: 1,
  });
  // Somewhere in a label; its beginning, where a beginning is too little; in no word of any command.
  for (const text of ['thoai', 'tam', 'mang']) {
    act(() => console.tabs.getState().open('conversation-1'));
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByRole('combobox'), `${text}{Enter}`);
    act(() => clock.advance(100));
    await waitFor(() => expect(console.tabs.getState().activeId).toBe(id));
  }
  expect(asked(fake, 'sync.setOnline')).toEqual([]);
  expect(asked(fake, 'conversation.close')).toEqual([]);
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox'), 'tam ngat ket noi{Enter}');
  act(() => clock.advance(100));
  await waitFor(() => expect(asked(fake, 'sync.setOnline')).toHaveLength(1));
});

test('an Enter that waited for a search that fails or does not answer picks nothing: what is shown wants another one', async () => {
  const { console, fake, user, clock } = await openApp({ settings: { 'ui.language': 'vi' } });
  act(() => console.tabs.getState().open('conversation-1'));
  const answers = {
    fails: () => Promise.reject(new AppError('internal', 'No.')),
    hangs: () => new Promise<never>(() => {}),
  };
  const request = console.core.request.bind(console.core);
  for (const how of ['fails', 'hangs'] as const) {
    vi.spyOn(console.core, 'request').mockImplementation((name, input) =>
      name === 'search.run' ? answers[how]() : request(name, input),
    );
    await user.keyboard('{Control>}k{/Control}');
    const field = await screen.findByRole<HTMLInputElement>('combobox');
    await user.type(field, 'dong{Enter}');
    expect(field.readOnly).toBe(true);
    act(() => clock.advance(how === 'fails' ? 100 : 1000));
    await waitFor(() => expect(field.readOnly).toBe(false));
    expect(console.navigation.getState().dialog).toBe('command-menu');
    expect(screen.getByRole('option', { selected: true }).textContent).toMatch(/^Đóng hội thoại/);
    expect(asked(fake, 'conversation.close')).toEqual([]);
    // The same text another time is searched another time.
    await user.keyboard('{Backspace}g{Enter}');
    expect(field.readOnly).toBe(true);
    act(() => clock.advance(1000));
    await waitFor(() => expect(field.readOnly).toBe(false));
    if (how === 'fails') await user.keyboard('{Escape}');
  }
  await user.keyboard('{Enter}');
  await waitFor(() => expect(asked(fake, 'conversation.close')).toHaveLength(1));
});

test('while an Enter waits, what is typed on is not for the field, and Escape still leaves', async () => {
  const { console, user, clock } = await openApp();
  await user.keyboard('{Control>}k{/Control}');
  const field = await screen.findByRole<HTMLInputElement>('combobox');
  await user.type(field, 'pham minh chau{Enter}da{ArrowDown}');
  expect(field.value).toBe('pham minh chau');
  act(() => clock.advance(100));
  await waitFor(() => expect(tabNames()).toEqual(['Phạm Minh Châu']));
  const { activeId } = console.tabs.getState();
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox'), 'settings{Enter}{Escape}');
  expect(console.navigation.getState().dialog).toBeNull();
  act(() => clock.advance(1000));
  await new Promise((done) => setTimeout(done));
  expect(console.navigation.getState().dialog).toBeNull();
  expect(console.tabs.getState().activeId).toBe(activeId);
});

test('a dialog that was opened in the command menu gives the focus back to where the menu was opened', async () => {
  const { console, user, clock } = await openApp();
  act(() => console.tabs.getState().open(console.lists.list({ view: 'mine', queueId: null }, 'newest').idAt(0)!));
  await waitFor(() => expect(document.activeElement?.tagName).toBe('TEXTAREA'));
  const box = document.activeElement;
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox', { name: 'Find and do' }), 'settings{Enter}');
  act(() => clock.advance(100));
  await waitFor(() => expect(document.activeElement?.closest('[role="dialog"]')?.textContent).toMatch(/^Settings/));
  // Radix gives the focus of the menu back in a task of its own.
  await new Promise((done) => setTimeout(done));
  await user.keyboard('{Escape}');
  await waitFor(() => expect(document.activeElement).toBe(box));
});

test('a command is also found by what others call it', async () => {
  const { user } = await openApp();
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox'), 'pause');
  expect(screen.getAllByRole('option').map(({ textContent }) => textContent)).toEqual(['Go offline']);
});

test('what opens a field gives it the keys, or what is typed next would go to the customer', async () => {
  const { console, user, fake, clock } = await openApp();
  act(() => console.tabs.getState().open('conversation-0'));
  const reply = await screen.findByRole('textbox', { name: /^Reply to/u });
  for (const time of [1, 2]) {
    reply.focus();
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByRole('combobox'), 'add a tag');
    await screen.findByRole('option', { name: /^Add a tag/u, selected: true });
    await user.keyboard('{Enter}');
    act(() => clock.advance(100));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await new Promise((done) => setTimeout(done, 50));
    expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Add a tag' }));
    // A second time while it stands there.
    if (time === 1) continue;
    await user.keyboard('gift{Enter}{Escape}');
    expect(document.activeElement).toBe(reply);
  }
  expect(asked(fake, 'conversation.tag')).toMatchObject([{ add: ['gift'] }]);
  expect(asked(fake, 'message.send')).toEqual([]);
});
