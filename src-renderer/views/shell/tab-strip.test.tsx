import { act, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { erasedError } from '../../../shared/domain/erasure/erasure.ts';
import { AppError } from '../../../shared/errors.ts';
import type { FakeCore } from '../../../tests/fakes/fake-core.ts';
import { asked, tabNames, useApps } from '../../../tests/fakes/open-app.tsx';

const { openApp } = useApps();

test('while there is no connection, the command menu offers to try again now', async () => {
  const { fake, user } = await openApp();
  act(() => fake.setStatus({ state: 'offline' }));
  await user.keyboard('{Control>}k{/Control}');
  await user.click(await screen.findByRole('option', { name: /Try to connect now/ }));
  await waitFor(() => expect(asked(fake, 'sync.setOnline')).toEqual([{ isOnline: true }]));
});

test('SYNC-L7 SYNC-V2 the tab says whether the customer was erased or access withdrawn, and the keyboard closes it', async () => {
  const { console, fake, user } = await openApp();
  const list = console.lists.list({ view: 'mine', queueId: null }, 'newest');
  const [erased, withdrawn, third] = [list.idAt(0)!, list.idAt(1)!, list.idAt(2)!];
  act(() => [third, withdrawn, erased].forEach((id) => console.tabs.getState().open(id)));
  await waitFor(() => expect(tabNames()).toHaveLength(3));
  fake.overrides['conversation.get'] = ({ conversationId }) => {
    if (conversationId === erased) throw erasedError();
    if (conversationId === withdrawn) throw new AppError('not_found', 'No.', { reason: 'no-such-conversation' });
    return fake.conversation(conversationId);
  };
  act(() => fake.push('changed', { subjects: [`conversation:${erased}`, `conversation:${withdrawn}`] }));
  await waitFor(() =>
    expect(tabNames()).toEqual(expect.arrayContaining(['Customer data erased', 'No longer visible'])),
  );
  act(() => screen.getByRole('tab', { name: 'Customer data erased' }).focus());
  await user.keyboard('{Delete}');
  expect(console.tabs.getState().tabs.map(({ conversationId }) => conversationId)).not.toContain(erased);
  act(() => {
    console.tabs.getState().activate(withdrawn);
    (document.activeElement as HTMLElement).blur();
  });
  await user.keyboard('{Control>}{Shift>}X{/Shift}{/Control}');
  expect(console.tabs.getState().tabs.map(({ conversationId }) => conversationId)).toEqual([third]);
});

/** The conversation is another's from now on. */
function withdraw(fake: FakeCore, id: string): void {
  const error = new AppError('not_found', 'No.', { reason: 'no-such-conversation' });
  fake.overrides['conversation.get'] = ({ conversationId }) => {
    if (conversationId === id) throw error;
    return fake.conversation(conversationId);
  };
  act(() => fake.push('changed', { subjects: [`conversation:${id}`] }));
}

test('a tab goes with the conversation that this agent gave away, unless something is being written in it', async () => {
  const { console, fake } = await openApp();
  const list = console.lists.list({ view: 'mine', queueId: null }, 'newest');
  const [given, written, taken] = [list.idAt(0)!, list.idAt(1)!, list.idAt(2)!];
  const openIds = () => console.tabs.getState().tabs.map(({ conversationId }) => conversationId);
  act(() => [taken, written, given].forEach((id) => console.tabs.getState().open(id)));
  await waitFor(() => expect(tabNames()).not.toContain('…'));
  act(() => console.drafts.edit(written, 'reply', { text: 'chưa xong', caret: 9 }));
  await act(() => console.actions.move([given, written], { id: 'returns', name: 'Returns' }));
  withdraw(fake, given);
  await waitFor(() => expect(openIds()).not.toContain(given));
  withdraw(fake, written);
  await waitFor(() => expect(tabNames()).toContain('No longer visible'));
  expect(openIds()).toContain(written);
  // What somebody else did is told.
  withdraw(fake, taken);
  await waitFor(() => expect(tabNames().filter((name) => name === 'No longer visible')).toHaveLength(1));
  expect(openIds()).toEqual(expect.arrayContaining([written, taken]));
});

test('what the list of things to decide covers is neither closed nor handed over by keys', async () => {
  const { console, fake, user } = await openApp();
  const id = console.lists.list({ view: 'mine', queueId: null }, 'newest').idAt(0)!;
  act(() => console.tabs.getState().open(id));
  await waitFor(() => expect(tabNames()).toHaveLength(1));
  act(() => console.navigation.getState().showList('attention'));
  await user.keyboard('{Control>}{Shift>}E{/Shift}{/Control}');
  await user.keyboard('{Control>}{Shift>}M{/Shift}{/Control}');
  await user.keyboard('{Control>}{Shift>}G{/Shift}{/Control}');
  expect(asked(fake, 'conversation.close')).toEqual([]);
  expect(asked(fake, 'conversation.assign')).toEqual([]);
  expect(console.navigation.getState().picker).toBeNull();
  await user.keyboard('{Control>}k{/Control}');
  await screen.findByRole('option', { name: /Settings/ });
  expect(screen.queryByRole('option', { name: /Assign to me/ })).toBeNull();
});

test('a tab chosen in the menu of all has the keys in its reply, and the menu says which one has news', async () => {
  const { console, fake, user } = await openApp();
  const list = console.lists.list({ view: 'mine', queueId: null }, 'newest');
  const [first, second] = [list.idAt(0)!, list.idAt(1)!];
  act(() => fake.change(first, { isUnread: true }));
  act(() => [first, second].forEach((id) => console.tabs.getState().open(id)));
  await waitFor(() => expect(document.activeElement?.tagName).toBe('TEXTAREA'));
  await user.click(screen.getByRole('button', { name: '2 open tabs' }));
  await user.click(await screen.findByRole('menuitem', { name: /, new message$/u }));
  expect(console.tabs.getState().activeId).toBe(first);
  await waitFor(() => expect(document.activeElement?.tagName).toBe('TEXTAREA'));
  await user.keyboard('e');
  expect(asked(fake, 'conversation.close')).toEqual([]);
});
