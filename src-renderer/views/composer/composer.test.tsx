import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { type ConsoleRig, renderOnConsole, startConsole } from '../../../tests/fakes/console-rig.tsx';
import type { FakeCoreOptions } from '../../../tests/fakes/fake-core.ts';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { ShortcutRegistry } from '../../shortcuts/shortcut-registry.ts';
import { ShortcutContext } from '../../shortcuts/use-shortcut.ts';
import { useConversation } from '../../stores/use-conversations.ts';
import { Composer } from './composer.tsx';

const ID = 'conversation-0';
const stops: (() => void)[] = [];
beforeEach(() => {
  // jsdom has no editing commands; the composer then inserts without the browser's undo.
  Element.prototype.scrollIntoView ??= () => {};
});
afterEach(() => {
  cleanup();
  stops.splice(0).forEach((stop) => stop());
});

function OnScreen() {
  const { data } = useConversation(ID);
  return data === undefined ? null : <Composer conversation={data} />;
}

async function openComposer(options: Partial<FakeCoreOptions> = {}, rig: ConsoleRig = startRig(options)) {
  const shortcuts = new ShortcutRegistry();
  // A shell shows conversations only to whoever is signed in, with the settings read.
  await waitFor(() => expect(rig.console.tabs.getState().isLoaded).toBe(true));
  const view = renderOnConsole(
    rig,
    <ShortcutContext value={shortcuts}>
      <OnScreen />
    </ShortcutContext>,
  );
  const box = (await screen.findByRole('textbox')) as HTMLTextAreaElement;
  expect(box.readOnly).toBe(false);
  const asked = (name: string) =>
    rig.fake.requests.filter((one) => one.name === name).map(({ input }) => input as Record<string, unknown>);
  return { ...rig, ...view, rig, box, asked, shortcuts, user: userEvent.setup() };
}

function startRig(options: Partial<FakeCoreOptions> = {}): ConsoleRig {
  const rig = startConsole(new ManualClock(), { ...options, settings: { 'ui.language': 'en', ...options.settings } });
  stops.push(rig.stop);
  return rig;
}

test('Enter sends and empties the box once the core has it; Shift+Enter begins a line', async () => {
  const { box, user, asked } = await openComposer();
  await user.type(box, 'one{Shift>}{Enter}{/Shift}two');
  expect(asked('message.send')).toEqual([]);
  await user.keyboard('{Enter}');
  await waitFor(() => expect(box.value).toBe(''));
  expect(asked('message.send')).toMatchObject([{ conversationId: ID, text: 'one\ntwo' }]);
});

test('with Ctrl+Enter as the choice, Enter is a new line', async () => {
  const { box, user, asked } = await openComposer({ settings: { 'ui.sendWith': 'ctrl-enter' } });
  await waitFor(() => expect(screen.getByText(/Ctrl\+Enter sends/)).toBeTruthy());
  await user.type(box, 'one{Enter}two');
  expect(box.value).toBe('one\ntwo');
  expect(asked('message.send')).toEqual([]);
  await user.keyboard('{Control>}{Enter}{/Control}');
  await waitFor(() => expect(asked('message.send')).toHaveLength(1));
});

test('Enter that ends a composition (Telex, VNI) sends nothing', async () => {
  const { box, user, asked } = await openComposer();
  await user.type(box, 'đơn hàng');
  fireEvent.keyDown(box, { key: 'Enter', isComposing: true });
  fireEvent.keyDown(box, { key: 'Enter', keyCode: 229 });
  fireEvent.keyDown(box, { key: 'Process', keyCode: 229 });
  expect(asked('message.send')).toEqual([]);
  expect(box.value).toBe('đơn hàng');
});

test('the draft survives that the view goes away, with caret, in the mode it was in', async () => {
  const { box, user, unmount, rig, fake } = await openComposer();
  await user.type(box, 'half a sentence');
  act(() => box.setSelectionRange(4, 4));
  fireEvent.select(box);
  unmount();
  await waitFor(() => expect(fake.drafts.get(`${ID}|reply`)).toMatchObject({ text: 'half a sentence', caret: 4 }));
  // In this window …
  const again = await openComposer({}, rig);
  expect(again.box.value).toBe('half a sentence');
  expect(again.box.selectionStart).toBe(4);
  again.unmount();
  // … and in a new one, after a restart.
  const restarted = startConsole(new ManualClock(), { fake });
  stops.push(restarted.stop);
  const { box: later } = await openComposer({}, restarted);
  await waitFor(() => expect(later.value).toBe('half a sentence'));
  expect(later.selectionStart).toBe(4);
});

test('the box takes keys before the draft is known; then both are there, and typing goes on where it was', async () => {
  const rig = startRig();
  rig.fake.drafts.set(`${ID}|reply`, {
    ...{ conversationId: ID, kind: 'reply', text: 'Dạ chị chờ em', caret: 3, attachments: [] },
  });
  rig.fake.overrides['draft.get'] = () => {
    throw new AppError('offline', 'Restarting.', { reason: 'core-unreachable' });
  };
  const { box, user, console } = await openComposer({}, rig);
  await user.type(box, 'xin ');
  expect(box.value).toBe('xin ');
  delete rig.fake.overrides['draft.get'];
  await act(() => console.drafts.load(ID));
  expect(box.value).toBe('Dạ chị chờ em\nxin ');
  expect(box.selectionStart).toBe(box.value.length);
  await user.keyboard('lỗi');
  expect(box.value).toBe('Dạ chị chờ em\nxin lỗi');
});

test('what the core refuses stays in the box, with the reason said', async () => {
  const { box, user, fake } = await openComposer();
  fake.overrides['message.send'] = () => {
    throw new AppError('stale', 'Moved on.', { reason: 'conversation-moved-on' });
  };
  await user.type(box, 'keep me{Enter}');
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('Your text is still here');
  expect(box.value).toBe('keep me');
  delete fake.overrides['message.send'];
  await user.type(box, '{Enter}');
  await waitFor(() => expect(box.value).toBe(''));
  expect(screen.queryByRole('alert')).toBeNull();
});

test('reply and private note are two boxes; the shortcut goes from one to the other', async () => {
  const { box, user, shortcuts, asked } = await openComposer();
  await user.type(box, 'for the customer');
  act(() => void shortcuts.run('toggle-note'));
  expect(screen.getByRole('textbox', { name: /Private note/ })).toBe(box);
  expect(box.value).toBe('');
  await user.type(box, 'between us, @Trần Anh Tuấn{Enter}');
  await waitFor(() =>
    expect(asked('note.add')).toMatchObject([{ text: 'between us, @Trần Anh Tuấn', mentions: ['tuan'] }]),
  );
  expect(asked('message.send')).toEqual([]);
  act(() => void shortcuts.run('toggle-note'));
  expect(box.value).toBe('for the customer');
});

test('a slash opens the canned replies: typed on without accents, chosen by keys, filled in', async () => {
  const { box, user, asked } = await openComposer();
  await user.type(box, 'Dạ /phi giao');
  expect(screen.queryByRole('listbox')).toBeNull();
  await user.clear(box);
  await user.type(box, 'Dạ /phi');
  const list = await screen.findByRole('listbox', { name: 'Canned replies' });
  const combobox = screen.getByRole('combobox');
  await waitFor(() => expect(list.querySelectorAll('[role=option]')).toHaveLength(1));
  expect(document.getElementById(combobox.getAttribute('aria-activedescendant')!)?.textContent).toContain('phiship');
  await user.keyboard('{Enter}');
  await waitFor(() => expect(box.value).toBe('Dạ Dạ phí giao hàng là 30.000 ₫, miễn phí cho đơn từ 500.000 ₫ ạ.'));
  expect(screen.queryByRole('listbox')).toBeNull();
  expect(asked('message.send')).toEqual([]);
  await user.keyboard('{Enter}');
  await waitFor(() => expect(asked('message.send')).toMatchObject([{ cannedReplyId: 'canned-phiship' }]));
});

test('the preview of a canned reply is the text that will be put in, not its template', async () => {
  const { box, user, rig } = await openComposer();
  await user.type(box, '/chao');
  const filled = rig.fake.workspace.cannedReplies.find(({ shortcut }) => shortcut === 'chao')!.text;
  expect(filled).toContain('{{customer.givenName');
  const givenName = rig.fake.conversation(ID).customer.name.split(' ').at(-1)!;
  await waitFor(() => expect(screen.getByText(new RegExp(givenName), { selector: '[lang]' })).toBeTruthy());
  expect(screen.queryByText(/\{\{/)).toBeNull();
});

test('what a canned reply could not fill in is selected, and is not sent without being asked', async () => {
  const { box, user, asked } = await openComposer();
  await user.type(box, '/don');
  await screen.findByRole('listbox');
  await waitFor(() => expect(screen.getAllByRole('option')[1]?.textContent).toContain('/don'));
  await user.keyboard('{ArrowDown}{Tab}');
  await waitFor(() => expect(box.value).toContain('[order.number]'));
  expect(box.value.slice(box.selectionStart, box.selectionEnd)).toBe('[order.number]');
  await user.keyboard('{Enter}');
  // Enter over a selection would have replaced it; the box is as it was, and the warning names both.
  expect(await screen.findByText(/Not filled in: \[order.number\], \[order.status\]/)).toBeTruthy();
  expect(asked('message.send')).toEqual([]);
  expect(box.value.slice(box.selectionStart, box.selectionEnd)).toBe('[order.number]');
  await user.click(screen.getByRole('button', { name: 'Send anyway' }));
  await waitFor(() => expect(asked('message.send')).toHaveLength(1));
});

test('each list begins at its first entry, wherever the last one was left', async () => {
  const { box, user } = await openComposer();
  const chosen = () => screen.getByRole('option', { selected: true });
  await user.type(box, '/');
  await screen.findByRole('listbox');
  const [first] = screen.getAllByRole('option');
  expect(chosen()).toBe(first);
  await user.keyboard('{ArrowDown}{ArrowDown}{Escape}{Backspace}');
  await user.type(box, '/');
  await screen.findByRole('listbox');
  expect(chosen()).toBe(screen.getAllByRole('option')[0]);
});

test('of a long name the placeholder has the beginning, which ends with a word', async () => {
  const rig = startRig();
  rig.fake.conversation(ID).customer.name = 'Công ty Trách nhiệm hữu hạn Một Thành viên Sao Mai';
  const { box } = await openComposer({}, rig);
  expect(box.placeholder).toBe('Reply to Công ty Trách nhiệm hữu hạn Một… type / for canned replies');
});

test('Escape closes the list for this word only', async () => {
  const { box, user } = await openComposer();
  await user.type(box, '/ch');
  await screen.findByRole('listbox');
  await user.keyboard('{Escape}a');
  expect(screen.queryByRole('listbox')).toBeNull();
  await user.type(box, ' /x');
  expect(await screen.findByRole('listbox')).toBeTruthy();
});

test('over the channel’s limit it says by how much, and does not send', async () => {
  const rig = startRig();
  rig.fake.conversation(ID).maxTextLength = 20;
  const { box, user, asked } = await openComposer({}, rig);
  await user.type(box, 'eighteen letters.!');
  expect(screen.getByText('2 characters left')).toBeTruthy();
  await user.type(box, 'and more{Enter}');
  expect(screen.getByRole('alert').textContent).toContain('6 characters over');
  expect(asked('message.send')).toEqual([]);
});

test('a file that cannot be attached says why, and can be put away', async () => {
  const { box, user, container } = await openComposer();
  await user.upload(container.querySelector('input[type=file]')!, new File([], 'empty.txt'));
  expect((await screen.findByRole('alert')).textContent).not.toBe('');
  await user.click(screen.getByRole('button', { name: 'Remove empty.txt' }));
  expect(screen.queryByRole('alert')).toBeNull();
  expect(box.value).toBe('');
});

test('files alone can be sent', async () => {
  const { user, container, asked } = await openComposer();
  await user.upload(container.querySelector('input[type=file]')!, new File(['hello'], 'a.txt'));
  await screen.findByRole('button', { name: 'Remove a.txt' });
  await user.click(screen.getByRole('button', { name: 'Send' }));
  await waitFor(() => expect(asked('message.send')).toMatchObject([{ text: '', attachments: [{ name: 'a.txt' }] }]));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Remove a.txt' })).toBeNull());
});
