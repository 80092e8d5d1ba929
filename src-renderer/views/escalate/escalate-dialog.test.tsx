import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { renderOnConsole, startConsole } from '../../../tests/fakes/console-rig.tsx';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import type { ConversationView } from '../../../shared/core-api/views.ts';
import { EscalateDialog } from './escalate-dialog.tsx';

const stops: (() => void)[] = [];
afterEach(() => {
  cleanup();
  stops.splice(0).forEach((stop) => stop());
});

function Opened({ conversation }: { conversation: ConversationView }) {
  const [isOpen, setOpen] = useState(true);
  return <EscalateDialog conversation={conversation} isOpen={isOpen} onOpenChange={setOpen} />;
}

async function openDialog() {
  const rig = startConsole(new ManualClock(), { settings: { 'ui.language': 'en' } });
  stops.push(rig.stop);
  await waitFor(() => expect(rig.console.tabs.getState().isLoaded).toBe(true));
  renderOnConsole(rig, <Opened conversation={rig.fake.conversation('conversation-0')} />);
  const asked = () => rig.fake.requests.filter((one) => one.name === 'conversation.escalate').map((one) => one.input);
  return { ...rig, asked, user: userEvent.setup() };
}

test('without a reason nothing is escalated, and it is said what is missing', async () => {
  const { asked, user } = await openDialog();
  await user.click(await screen.findByRole('button', { name: 'Escalate' }));
  expect(screen.getByRole('alert').textContent).toBe('Say why.');
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Reason' }));
  expect(asked()).toEqual([]);
});

test('reason alone, or with tier and queue', async () => {
  const { asked, user } = await openDialog();
  await user.type(await screen.findByRole('textbox', { name: 'Reason' }), 'Wants the money back');
  await user.selectOptions(screen.getByRole('combobox', { name: 'To tier' }), '3');
  await user.selectOptions(await screen.findByRole('combobox', { name: 'Queue' }), 'returns');
  await user.click(screen.getByRole('button', { name: 'Escalate' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked()).toMatchObject([
    { conversationId: 'conversation-0', reason: 'Wants the money back', tier: 3, queueId: 'returns' },
  ]);
});

test('a refusal keeps the dialog and the words', async () => {
  const { fake, user } = await openDialog();
  fake.overrides['conversation.escalate'] = () => {
    throw new AppError('invalid', 'Highest.', { reason: 'tier-highest' });
  };
  const field = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Reason' });
  await user.type(field, 'Please');
  await user.click(screen.getByRole('button', { name: 'Escalate' }));
  expect((await screen.findByRole('alert')).textContent).not.toBe('');
  expect(field.value).toBe('Please');
});

test('Escape that ends a composition of an input method does not close what is being written in', async () => {
  const { user } = await openDialog();
  const field = screen.getByRole('textbox', { name: 'Reason' });
  fireEvent.keyDown(field, { key: 'Escape', isComposing: true });
  fireEvent.keyDown(field, { key: 'Escape', keyCode: 229 });
  expect(screen.queryByRole('dialog')).not.toBeNull();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('dialog')).toBeNull();
});
