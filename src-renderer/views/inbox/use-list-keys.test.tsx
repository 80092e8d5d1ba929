import { act, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useApps } from '../../../tests/fakes/open-app.tsx';

const { openApp } = useApps();

const listBox = () => screen.getByRole('listbox');

test('after one that left the list comes the one in its place, wherever it was opened from', async () => {
  const { console, clock, fake, user } = await openApp();
  await waitFor(() => expect(document.activeElement).toBe(listBox()));
  await user.keyboard('j{Enter}');
  const list = console.lists.list({ view: 'mine', queueId: null }, 'newest');
  const [before, third, fourth] = [1, 2, 3].map((index) => list.idAt(index)!);
  const { name } = fake.conversation(third!).customer;
  const open = (id: string) => act(() => console.tabs.getState().open(id));
  for (const [key, next] of [['ArrowDown', fourth!] as const, ['ArrowUp', before!] as const]) {
    open(third!);
    await waitFor(() => expect(list.indexOf(third!)).toBe(2));
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe(`Reply to ${name}`));
    await user.keyboard('{Control>}{Shift>}E{/Shift}{/Control}');
    act(() => clock.advance(1000));
    await waitFor(() => expect(list.indexOf(third!)).toBe(-1));
    await user.keyboard(`{Control>}{Alt>}{${key}}{/Alt}{/Control}`);
    expect(console.tabs.getState().activeId).toBe(next);
    act(() => console.toasts.getState().toasts.at(-1)!.undo!());
    act(() => clock.advance(1000));
  }
});

test('before the first and after the last of the list there is none, also once it went to another list', async () => {
  const { console, clock, fake, user } = await openApp();
  await waitFor(() => expect(document.activeElement).toBe(listBox()));
  await user.keyboard('j{Enter}');
  const list = console.lists.list({ view: 'mine', queueId: null }, 'newest');
  const end = list.store.getState().total! - 1;
  const press = (key: string) => user.keyboard(`{Control>}{Alt>}{${key}}{/Alt}{/Control}`);
  for (const [index, away, inward, beside] of [
    [0, 'ArrowUp', 'ArrowDown', list.idAt(1)!] as const,
    [end, 'ArrowDown', 'ArrowUp', list.idAt(end - 1)!] as const,
  ]) {
    const id = list.idAt(index)!;
    const { name } = fake.conversation(id).customer;
    act(() => console.tabs.getState().open(id));
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe(`Reply to ${name}`));
    await press(away);
    expect(console.tabs.getState().activeId).toBe(id);
    await user.keyboard('{Control>}{Shift>}E{/Shift}{/Control}');
    act(() => clock.advance(1000));
    await waitFor(() => expect(list.indexOf(id)).toBe(-1));
    await press(away);
    expect(console.tabs.getState().activeId).toBe(id);
    await press(inward);
    expect(console.tabs.getState().activeId).toBe(beside);
    act(() => console.toasts.getState().toasts.at(-1)!.undo!());
    act(() => clock.advance(1000));
    await waitFor(() => expect(list.indexOf(id)).toBe(index));
  }
});
