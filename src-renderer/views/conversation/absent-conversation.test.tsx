import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { erasedError } from '../../../shared/domain/erasure/erasure.ts';
import { AppError } from '../../../shared/errors.ts';
import { renderOnConsole, startConsole } from '../../../tests/fakes/console-rig.tsx';
import { makeAttention } from '../../../tests/fakes/fake-messages.ts';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { ShortcutRegistry } from '../../shortcuts/shortcut-registry.ts';
import { ShortcutContext } from '../../shortcuts/use-shortcut.ts';
import { ConversationPane } from './conversation-pane.tsx';

const ID = 'conversation-0';
const stops: (() => void)[] = [];
afterEach(() => {
  cleanup();
  stops.splice(0).forEach((stop) => stop());
});

async function openPane() {
  const clock = new ManualClock();
  const rig = startConsole(clock, { settings: { 'ui.language': 'en' } });
  stops.push(rig.stop);
  await waitFor(() => expect(rig.console.tabs.getState().isLoaded).toBe(true));
  rig.console.tabs.getState().open(ID);
  renderOnConsole(
    rig,
    <ShortcutContext value={new ShortcutRegistry()}>
      <ConversationPane conversationId={ID} />
    </ShortcutContext>,
  );
  return { ...rig, clock, user: userEvent.setup() };
}

const withdrawn = () => {
  throw new AppError('not_found', 'There is no such conversation.', { reason: 'no-such-conversation' });
};

test('access that is withdrawn under the hands says so in words; tab and draft stay, and the text can be copied', async () => {
  const { console, fake, user } = await openPane();
  await user.type(await screen.findByRole('textbox'), 'nửa câu chưa gửi');
  fake.overrides['conversation.get'] = withdrawn;
  act(() => fake.push('changed', { subjects: [`conversation:${ID}`] }));
  await screen.findByRole('heading', { name: 'You may not see this conversation any more' });
  expect(screen.queryByRole('alert')).toBeNull();
  expect(console.tabs.getState().activeId).toBe(ID);
  const copied: string[] = [];
  Object.defineProperty(navigator, 'clipboard', {
    configurable: true,
    value: { writeText: async (text: string) => void copied.push(text) },
  });
  await user.click(screen.getByRole('button', { name: 'Copy' }));
  expect(copied).toEqual(['nửa câu chưa gửi']);

  // It comes back: so does the box, with what was in it.
  delete fake.overrides['conversation.get'];
  act(() => fake.push('changed', { subjects: [`conversation:${ID}`] }));
  await waitFor(() => expect((screen.getByRole('textbox') as HTMLTextAreaElement).value).toBe('nửa câu chưa gửi'));
});

test('SYNC-L7 of an erased customer it is said that the data was erased, also without a connection', async () => {
  const { fake, user } = await openPane();
  await user.type(await screen.findByRole('textbox'), 'gửi chị ngay');
  act(() => fake.setStatus({ state: 'offline' }));
  fake.overrides['conversation.get'] = () => {
    throw erasedError();
  };
  act(() => fake.push('changed', { subjects: [`conversation:${ID}`] }));
  await screen.findByRole('heading', { name: 'This customer’s data was erased' });
  // What was being written can still be taken along.
  expect(screen.getByText('gửi chị ngay')).toBeTruthy();
  expect(screen.getByText(/An administrator erased this customer on request/u)).toBeTruthy();
});

test('without a connection nobody knows that access was withdrawn, and it is not claimed', async () => {
  const { console, fake, user } = await openPane();
  await screen.findByRole('textbox');
  act(() => fake.setStatus({ state: 'offline' }));
  fake.overrides['conversation.get'] = withdrawn;
  act(() => fake.push('changed', { subjects: [`conversation:${ID}`] }));
  await screen.findByRole('heading', { name: 'This conversation is not on this computer' });
  await user.click(screen.getByRole('button', { name: 'Close the tab' }));
  expect(console.tabs.getState().tabs).toEqual([]);
});

test('keys that come before the conversation is there go into its box', async () => {
  const { console } = await openPane();
  // Nothing is read yet: the fake answers in a later turn.
  const early = screen.getByRole('textbox') as HTMLTextAreaElement;
  expect(document.activeElement).toBe(early);
  act(() => console.drafts.edit(ID, 'reply', { text: 'Dạ', caret: 2 }));
  const box = (await screen.findByRole('textbox', { name: /Reply to/ })) as HTMLTextAreaElement;
  expect(box.value).toBe('Dạ');
  expect(document.activeElement).toBe(box);
});

test('a reply that is held is decided in the conversation itself, by keyboard', async () => {
  const { clock, fake, user } = await openPane();
  await screen.findByRole('textbox');
  fake.attention = makeAttention(fake.workspace, clock.now());
  clock.advance(1000);
  act(() => fake.push('outbox', { pendingCount: 0, attentionCount: 2 }));
  const bar = await screen.findByRole('region', { name: 'Held back in this conversation' });
  expect(bar.textContent).toContain('2 new messages above');
  expect(bar.textContent).toContain('1 later action waits for your decision');
  // Of this conversation only.
  expect(within(bar).getAllByRole('group')).toHaveLength(1);
  await user.tab({ shift: true });
  expect(document.activeElement?.textContent).toBe('Discard');
  await user.keyboard('{Shift>}{Tab}{Tab}{/Shift}{Enter}');
  await waitFor(() => expect(fake.attention.map((one) => one.commandId)).toEqual(['refused-2']));
  expect(fake.requests.find((one) => one.name === 'attention.resolve')?.input).toMatchObject({ action: 'send-anyway' });
});

test('INV-10 a discarded draft that is had back is not written over what was typed since', async () => {
  const { console, fake, user } = await openPane();
  await user.type(await screen.findByRole('textbox'), 'nửa câu');
  fake.overrides['conversation.get'] = withdrawn;
  act(() => fake.push('changed', { subjects: [`conversation:${ID}`] }));
  await user.click(await screen.findByRole('button', { name: 'Discard' }));
  const { undo } = console.toasts.getState().toasts.at(-1)!;
  const written = () => console.drafts.getState().drafts[ID]!.reply.text;
  expect(written()).toBe('');
  act(() => console.drafts.edit(ID, 'reply', { text: 'chào chị', caret: 8 }));
  act(() => undo!());
  expect(written()).toBe('chào chị\nnửa câu');
});
