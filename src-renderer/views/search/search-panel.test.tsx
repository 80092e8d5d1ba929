import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { renderOnConsole, startConsole } from '../../../tests/fakes/console-rig.tsx';
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
