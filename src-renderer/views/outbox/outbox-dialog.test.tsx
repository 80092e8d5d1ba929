import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import type { OutboxEntry } from '../../../shared/core-api/views.ts';
import { Toaster } from '../../components/toaster.tsx';
import { renderOnConsole, startConsole } from '../../../tests/fakes/console-rig.tsx';
import { subjectOf } from '../../../tests/fakes/fake-messages.ts';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { ShortcutRegistry } from '../../shortcuts/shortcut-registry.ts';
import { ShortcutContext } from '../../shortcuts/use-shortcut.ts';
import { OutboxDialog } from './outbox-dialog.tsx';

const stops: (() => void)[] = [];
afterEach(() => {
  cleanup();
  stops.splice(0).forEach((stop) => stop());
});

async function openDialog() {
  const clock = new ManualClock();
  const rig = startConsole(clock, { settings: { 'ui.language': 'en' } });
  stops.push(rig.stop);
  await waitFor(() => expect(rig.console.tabs.getState().isLoaded).toBe(true));
  const [first, second] = rig.fake.workspace.conversations;
  const entry = (n: number, fields: Partial<OutboxEntry>): OutboxEntry => ({
    ...subjectOf(first!),
    ...{ commandId: `c${n}`, n, type: 'message.send', subjects: [], state: 'waiting', attempts: 0 },
    ...{ createdAt: clock.now() - n * 3_600_000, mayTakeBack: true, followers: [] },
    ...fields,
  });
  rig.fake.outbox = [
    entry(3, { text: 'Đang trên đường', state: 'sent', attempts: 1, mayTakeBack: false }),
    entry(2, {
      text: 'Em gửi chị vận đơn ạ',
      followers: [{ commandId: 'c1', type: 'conversation.close', text: null }],
    }),
    entry(1, { ...subjectOf(second!), type: 'conversation.close' }),
  ];
  rig.fake.overrides['outbox.undo'] = ({ commandId }) => {
    rig.fake.outbox = rig.fake.outbox.filter((one) => one.commandId !== commandId && one.commandId !== 'c1');
    rig.fake.push('outbox', { pendingCount: 1, attentionCount: 0 });
    return {
      takenBack: [
        { commandId, type: 'message.send' },
        { commandId: 'c1', type: 'conversation.close' },
      ],
    };
  };
  renderOnConsole(rig, <OutboxDialog />);
  act(() => rig.console.navigation.getState().openDialog('outbox'));
  return { ...rig, rig, clock, user: userEvent.setup(), first: first! };
}

test('what waits is listed in order with what, whom, its age, and what goes with it', async () => {
  const { first } = await openDialog();
  const rows = await screen.findAllByRole('listitem');
  expect(rows.map((row) => row.textContent)).toMatchObject([
    expect.stringContaining('Being sent…waiting for 3 hours'),
    expect.stringContaining('Taken back with it: Close the conversation'),
    expect.stringContaining('waiting for 1 hour'),
  ]);
  expect(rows[1]!.textContent).toContain(first.customer.name);
  // What has left cannot be taken back.
  expect(within(rows[0]!).queryByRole('button', { name: /^Take back/u })).toBeNull();
});

test('taking back brings the text into its box and says what went with it; arrow keys go from row to row', async () => {
  const { console, clock, user, first } = await openDialog();
  await screen.findAllByRole('listitem');
  const take = screen.getByRole('button', { name: /Em gửi chị vận đơn ạ/u });
  take.focus();
  await user.keyboard('{ArrowDown}');
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Take back: Close the conversation');
  await user.keyboard('{ArrowUp}');
  expect(document.activeElement).toBe(take);
  await user.keyboard('{Enter}');
  await waitFor(() => expect(console.drafts.getState().drafts[first.id]!.reply.text).toBe('Em gửi chị vận đơn ạ'));
  act(() => clock.advance(200));
  await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(1));
  expect(console.toasts.getState().toasts.at(-1)!.text).toContain('Close the conversation');
});

test('INV-10 what was typed into anything else that is taken back is in the note box, and that is said', async () => {
  const { console, fake, user, clock, first } = await openDialog();
  const customerId = first.customer.id;
  const fields = { ...subjectOf(first), n: 9, subjects: [] as string[], state: 'waiting' as const, attempts: 0 };
  const sent = { createdAt: clock.now(), mayTakeBack: true, followers: [] };
  fake.outbox = [
    { ...fields, ...sent, commandId: 'c8', type: 'conversation.escalate', text: 'Khách đòi bồi thường' },
    {
      ...{ ...fields, ...sent, commandId: 'c9', type: 'customer.update', text: 'Gọi sau 18 giờ' },
      ...{ conversationId: null, conversationCount: 0, subjects: [`customer:${customerId}`] },
    },
  ];
  fake.overrides['outbox.undo'] = ({ commandId }) => {
    const taken = fake.outbox.filter((one) => one.commandId === commandId);
    fake.outbox = fake.outbox.filter((one) => one.commandId !== commandId);
    return { takenBack: taken.map(({ commandId: id, type }) => ({ commandId: id, type })) };
  };
  const tell = () => {
    act(() => fake.push('outbox', { pendingCount: 2, attentionCount: 0 }));
    act(() => clock.advance(1000));
  };
  tell();
  await user.click(await screen.findByRole('button', { name: /đòi bồi thường/u }));
  const noted = () => console.drafts.getState().drafts[first.id]?.note.text ?? '';
  await waitFor(() => expect(noted()).toBe('Khách đòi bồi thường'));
  await waitFor(() => expect(console.toasts.getState().toasts.at(-1)?.text).toContain('note box'));

  await user.click(screen.getByRole('button', { name: /Gọi sau 18 giờ/u }));
  await waitFor(() => expect(noted()).toBe('Khách đòi bồi thường\nGọi sau 18 giờ'));
});

test('a change of a customer of whom no conversation is here is taken back all the same, and its text can be copied', async () => {
  const { console, rig, fake, user, clock, first } = await openDialog();
  const customerId = first.customer.id;
  fake.outbox = [
    {
      ...subjectOf(first),
      ...{ n: 9, state: 'waiting', attempts: 0, createdAt: clock.now(), mayTakeBack: true, followers: [] },
      ...{ commandId: 'c9', type: 'customer.update', text: '0912 000 111' },
      ...{ conversationId: null, conversationCount: 0, subjects: [`customer:${customerId}`] },
    },
  ];
  fake.overrides['outbox.undo'] = ({ commandId }) => {
    fake.outbox = [];
    return { takenBack: [{ commandId, type: 'customer.update' }] };
  };
  Object.assign(
    fake.workspace.customers.find(({ id }) => id === customerId)!,
    { conversations: [] },
  );
  act(() => fake.push('outbox', { pendingCount: 1, attentionCount: 0 }));
  act(() => clock.advance(1000));
  await user.click(await screen.findByRole('button', { name: /0912 000 111/u }));
  await waitFor(() => expect(console.toasts.getState().toasts.at(-1)?.text).toContain('No conversation'));
  expect(fake.outbox).toEqual([]);
  act(() => console.navigation.getState().openDialog(null));
  renderOnConsole(
    rig,
    <ShortcutContext value={new ShortcutRegistry()}>
      <Toaster />
    </ShortcutContext>,
  );
  await user.click(await screen.findByRole('button', { name: 'Copy' }));
  expect(await navigator.clipboard.readText()).toBe('0912 000 111');
  // Not by whoever signs in next.
  fake.isSignedIn = false;
  await act(() => console.readSession());
  expect(console.toasts.getState().toasts.filter(({ rescued }) => rescued)).toEqual([]);
});
