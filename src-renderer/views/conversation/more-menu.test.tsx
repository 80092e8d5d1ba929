import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { renderOnConsole, startConsole } from '../../../tests/fakes/console-rig.tsx';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { MoreMenu } from './more-menu.tsx';

const stops: (() => void)[] = [];
afterEach(() => {
  cleanup();
  stops.splice(0).forEach((stop) => stop());
});

test('what was escalated goes back to the queue it came from by one entry; nothing else has it', async () => {
  const rig = startConsole(new ManualClock(), { settings: { 'ui.language': 'en' } });
  stops.push(rig.stop);
  await waitFor(() => expect(rig.console.tabs.getState().isLoaded).toBe(true));
  const conversation = rig.fake.conversation('conversation-0');
  const escalation = { reason: 'Why', by: { id: 'minh', name: 'Minh' }, fromQueue: { id: 'returns', name: 'Returns' } };
  const user = userEvent.setup();
  const show = (one: typeof conversation) => (
    <MoreMenu conversation={one} onEscalate={() => undefined} noEscalate={null} />
  );
  const { unmount } = renderOnConsole(rig, show(conversation));
  await user.click(await screen.findByRole('button', { name: 'More actions' }));
  expect(screen.queryByRole('menuitem', { name: /Hand back/u })).toBeNull();
  unmount();

  renderOnConsole(
    rig,
    show({ ...conversation, tier: 2, escalation: { ...escalation, fromTier: 1, at: 1, earlier: [] } }),
  );
  await user.click(await screen.findByRole('button', { name: 'More actions' }));
  await user.click(screen.getByRole('menuitem', { name: 'Hand back to Returns' }));
  await waitFor(() =>
    expect(
      rig.fake.requests.filter(({ name }) => name === 'conversation.move').map(({ input }) => input),
    ).toMatchObject([{ conversationIds: ['conversation-0'], queueId: 'returns' }]),
  );
});
