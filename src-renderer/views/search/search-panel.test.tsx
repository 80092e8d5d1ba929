import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { renderOnConsole, startConsole } from '../../../tests/fakes/console-rig.tsx';
import type { FakeCore } from '../../../tests/fakes/fake-core.ts';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { ShortcutRegistry } from '../../shortcuts/shortcut-registry.ts';
import { ShortcutContext } from '../../shortcuts/use-shortcut.ts';
import { SearchPanel } from './search-panel.tsx';

const stops: (() => void)[] = [];
afterEach(() => {
  cleanup();
  stops.splice(0).forEach((stop) => stop());
});

async function openPanel() {
  const clock = new ManualClock();
  const rig = startConsole(clock, { settings: { 'ui.language': 'en' } });
  stops.push(rig.stop);
  await waitFor(() => expect(rig.console.tabs.getState().isLoaded).toBe(true));
  rig.console.navigation.getState().setSearching(true);
  renderOnConsole(
    rig,
    <ShortcutContext value={new ShortcutRegistry()}>
      <SearchPanel />
    </ShortcutContext>,
  );
  const user = userEvent.setup();
  const search = async (text: string) => {
    await user.type(screen.getByRole('combobox'), text);
    clock.advance(100);
  };
  return { ...rig, clock, user, search };
}

test('hits come while typing, without accents, with what matched marked', async () => {
  const { search } = await openPanel();
  expect(document.activeElement).toBe(screen.getByRole('combobox'));
  await search('ao khoac');
  const options = await screen.findAllByRole('option');
  expect(options[0]!.querySelector('mark')?.textContent.toLowerCase()).toBe('áo khoác');
  expect(screen.getByRole('combobox').getAttribute('aria-activedescendant')).toBe(options[0]!.id);
});

test('Enter goes to the message that the arrows stand on', async () => {
  const { console, user, search } = await openPanel();
  await search('DH-20418');
  const options = await screen.findAllByRole('option');
  await user.keyboard('{ArrowDown}');
  expect(options[1]!.getAttribute('aria-selected')).toBe('true');
  await user.keyboard('{Enter}');
  const { activeId } = console.tabs.getState();
  expect(activeId).not.toBeNull();
  await waitFor(() => expect(console.messages.getState().windows[activeId!]?.target?.messageId).toContain(activeId));
});

test('Escape empties the field first, and closes the search then', async () => {
  const { console, user, search } = await openPanel();
  await search('áo');
  await user.keyboard('{Escape}');
  expect(screen.getByRole<HTMLInputElement>('combobox').value).toBe('');
  expect(console.navigation.getState().isSearching).toBe(true);
  await user.keyboard('{Escape}');
  expect(console.navigation.getState().isSearching).toBe(false);
});

test('nothing found is said; offline it is said what was searched', async () => {
  const { fake, search } = await openPanel();
  fake.setStatus({ state: 'offline' });
  await search('zzz');
  expect(await screen.findByText('Nothing found for “zzz”.')).toBeTruthy();
  expect(screen.getByText(/You are offline/)).toBeTruthy();
});

/** Messages with the text in question, by conversation. */
function findIn({ workspace }: FakeCore, text: string) {
  return workspace.conversations.flatMap(({ id }) =>
    (workspace.messages.get(id) ?? [])
      .filter((message) => message.text.includes(text))
      .map((message) => ({ id, message })),
  );
}

test('SYNC-V2 SYNC-L7 what was withdrawn or erased goes from the open list, and the rest stays where it is', async () => {
  const { clock, fake, search, user } = await openPanel();
  await search('DH-20418');
  const before = (await screen.findAllByRole('option')).length;
  await user.keyboard('{ArrowDown}{ArrowDown}');
  const chosen = screen.getAllByRole('option')[2]!.textContent;
  const [lost] = findIn(fake, 'DH-20418').toSorted((one, other) => other.message.at - one.message.at);
  lost!.message.text = '';
  clock.advance(300);
  fake.push('changed', { subjects: [`conversation:${lost!.id}`] });
  await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(before - 1));
  expect(screen.getByRole('option', { selected: true }).textContent).toBe(chosen);

  // Several at once are one search more, after a rest.
  fake.workspace.messages.clear();
  const searches = () => fake.requests.filter(({ name }) => name === 'search.run').length;
  const asked = searches();
  fake.push('changed', { subjects: ['*'] });
  fake.push('changed', { subjects: ['conversation:any'] });
  expect(searches()).toBe(asked);
  clock.advance(300);
  await waitFor(() => expect(screen.queryAllByRole('option')).toEqual([]));
  expect(searches()).toBe(asked + 1);
  expect(screen.getByText('Nothing found for “DH-20418”.')).toBeTruthy();
});

test('what is found since is announced without moving anything, and shown when it is wanted', async () => {
  const { clock, fake, search, user } = await openPanel();
  await search('DH-20418');
  const before = (await screen.findAllByRole('option')).map(({ textContent }) => textContent);
  clock.advance(300);
  fake.receive(fake.workspace.conversations[0]!.id, 'Còn DH-20418 nữa nhé');
  const newer = await screen.findByRole('button', { name: '1 new result' });
  expect(screen.getAllByRole('option').map(({ textContent }) => textContent)).toEqual(before);
  await user.keyboard('{ArrowUp}');
  expect(newer.isConnected).toBe(false);
  const [first] = screen.getAllByRole('option');
  expect(first!.textContent).toContain('Còn DH-20418 nữa nhé');
  expect(first!.getAttribute('aria-selected')).toBe('true');
});

test('a core that goes away takes nothing from the list, and is asked again when it is back', async () => {
  const { clock, fake, search } = await openPanel();
  await search('DH-20418');
  const before = (await screen.findAllByRole('option')).length;
  clock.advance(300);
  findIn(fake, 'DH-20418')[0]!.message.text = '';
  fake.die();
  expect(screen.getAllByRole('option')).toHaveLength(before);
  clock.advance(4000);
  await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(before - 1));
});
