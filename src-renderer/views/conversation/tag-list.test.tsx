import { act, cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { useConversation } from '../../stores/use-conversations.ts';
import { renderOnConsole, startConsole } from '../../../tests/fakes/console-rig.tsx';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { ShortcutRegistry } from '../../shortcuts/shortcut-registry.ts';
import { ShortcutContext } from '../../shortcuts/use-shortcut.ts';
import { TagList } from './tag-list.tsx';

const stops: (() => void)[] = [];
afterEach(() => {
  cleanup();
  stops.splice(0).forEach((stop) => stop());
});

const shortcuts = new ShortcutRegistry();

function Tags() {
  const { data } = useConversation('conversation-0');
  return (
    <ShortcutContext value={shortcuts}>
      <button type="button">before</button>
      {data !== undefined && <TagList conversation={data} />}
    </ShortcutContext>
  );
}

test('the focus stays among the tags: when the field is left, and when a tag is taken off', async () => {
  const rig = startConsole(new ManualClock(), { settings: { 'ui.language': 'en' } });
  stops.push(rig.stop);
  await waitFor(() => expect(rig.console.tabs.getState().isLoaded).toBe(true));
  rig.fake.conversation('conversation-0').tags = ['late', 'vip'];
  renderOnConsole(rig, <Tags />);
  const user = userEvent.setup();
  const adder = () => screen.getByRole('button', { name: 'Add a tag' });
  await user.click(await screen.findByRole('button', { name: 'Add a tag' }));
  await user.keyboard('{Escape}');
  expect(document.activeElement).toBe(adder());
  await user.keyboard('{Enter}{Enter}');
  expect(document.activeElement).toBe(adder());

  await user.click(screen.getByRole('button', { name: 'Remove the tag late' }));
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Remove the tag vip' }));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Remove the tag late' })).toBeNull());
  await user.keyboard('{Enter}');
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Remove the tag vip' })).toBeNull());
  expect(document.activeElement).toBe(adder());
});

test('by its key the field opens from wherever one is, and leaving it leads back there', async () => {
  const rig = startConsole(new ManualClock(), { settings: { 'ui.language': 'en' } });
  stops.push(rig.stop);
  await waitFor(() => expect(rig.console.tabs.getState().isLoaded).toBe(true));
  rig.fake.conversation('conversation-0').tags = [];
  renderOnConsole(rig, <Tags />);
  const user = userEvent.setup();
  await screen.findByRole('button', { name: 'Add a tag' });
  const origin = screen.getByRole('button', { name: 'before' });
  origin.focus();
  act(() => void shortcuts.run('tag'));
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Add a tag' }));
  await user.keyboard('Late{Enter}');
  await screen.findByRole('button', { name: 'Remove the tag late' });
  await user.keyboard('vi{Escape}');
  expect(document.activeElement).toBe(origin);
  const added = rig.fake.requests.filter(({ name }) => name === 'conversation.tag').map(({ input }) => input);
  expect(added).toMatchObject([{ add: ['late'] }]);
});
