import { afterEach, expect, test } from 'vitest';
import { FakeCore } from '../../tests/fakes/fake-core.ts';
import { ManualClock, seededRandom } from '../../tests/fakes/manual-clock.ts';
import { waitFor } from '../../tests/fakes/wait-for.ts';
import { AppError } from '../../shared/errors.ts';
import { CoreClient } from '../core-client/core-client.ts';
import { createDraftsStore } from './drafts.ts';
import { createFileStore } from './files.ts';
import { MAX_FILE_BYTES } from './uploads.ts';

const ID = 'conversation-0';
const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

async function openStore(fake = new FakeCore({ now: () => 1_736_150_400_000 }), isLoaded = true) {
  const clock = new ManualClock();
  const core = new CoreClient(async () => fake.openPort(), clock);
  stops.push(() => core.stop());
  core.start();
  await waitFor(() => expect(core.link).toBe('up'));
  const drafts = createDraftsStore(core, clock, seededRandom(7), createFileStore(core));
  const part = (kind: 'reply' | 'note' = 'reply') => drafts.getState().drafts[ID]![kind];
  const asked = (name: string) => fake.requests.filter((one) => one.name === name).map((one) => one.input);
  if (isLoaded) await drafts.load(ID);
  return { fake, clock, drafts, part, asked };
}

const refuse = (kind: 'conflict' | 'offline' | 'stale', reason: string) => () => {
  throw new AppError(kind, 'Refused.', { reason });
};

test('typing is saved within 250 ms even when it never pauses', async () => {
  const { clock, drafts, asked } = await openStore();
  for (let letter = 1; letter <= 10; letter += 1) {
    drafts.edit(ID, 'reply', { text: 'x'.repeat(letter), caret: letter });
    clock.advance(50);
  }
  await waitFor(() => expect(asked('draft.save').length).toBeGreaterThanOrEqual(2));
  clock.advance(250);
  await waitFor(() => expect(asked('draft.save').at(-1)).toMatchObject({ text: 'x'.repeat(10), caret: 10 }));
});

test('reply and note are two texts, with caret and files, and come back in another window', async () => {
  const { fake, drafts } = await openStore();
  drafts.edit(ID, 'reply', { text: 'to the customer', caret: 6 });
  drafts.edit(ID, 'note', { text: 'for us', caret: 3 });
  await drafts.addFiles(ID, 'reply', [new File(['hello'], 'a.txt')]);
  drafts.flushAll();
  await waitFor(() => expect(fake.drafts.size).toBe(2));
  const other = await openStore(fake);
  expect(other.part('reply')).toMatchObject({ text: 'to the customer', caret: 6, attachments: [{ name: 'a.txt' }] });
  expect(other.part('note')).toMatchObject({ text: 'for us', caret: 3 });
});

test('a text that could not be saved is said to be unsaved, and saved as soon as it can be', async () => {
  const { fake, clock, drafts } = await openStore();
  fake.overrides['draft.save'] = refuse('offline', 'disk-full');
  drafts.edit(ID, 'reply', { text: 'precious', caret: 8 });
  clock.advance(250);
  await waitFor(() => expect(drafts.getState().drafts[ID]!.saveError).toMatchObject({ reason: 'disk-full' }));
  delete fake.overrides['draft.save'];
  clock.advance(1000);
  await waitFor(() => expect(fake.drafts.get(`${ID}|reply`)?.text).toBe('precious'));
  await waitFor(() => expect(drafts.getState().drafts[ID]!.saveError).toBeNull());
});

test('what was sent leaves the box, what was typed while the core answered stays', async () => {
  const { drafts, part } = await openStore();
  drafts.edit(ID, 'reply', { text: 'first', caret: 5 });
  const sending = drafts.send(ID, 'reply');
  expect(part()).toMatchObject({ text: 'first', isSending: true });
  drafts.edit(ID, 'reply', { text: 'first second', caret: 12 });
  expect(await sending).toBe(true);
  expect(part()).toMatchObject({ text: ' second', caret: 7, isSending: false });
});

test('a refused message stays in the box with its reason', async () => {
  const { fake, drafts, part } = await openStore();
  fake.overrides['message.send'] = refuse('stale', 'conversation-moved-on');
  drafts.edit(ID, 'reply', { text: 'too late?', caret: 9 });
  expect(await drafts.send(ID, 'reply')).toBe(false);
  expect(part()).toMatchObject({ text: 'too late?', isSending: false, sendError: { reason: 'conversation-moved-on' } });
});

test('ROW-C1 a try whose outcome is not known is repeated under the same ids, another text gets its own', async () => {
  const { fake, drafts, part, asked } = await openStore();
  fake.overrides['message.send'] = refuse('offline', 'core-unreachable');
  drafts.edit(ID, 'reply', { text: 'once', caret: 4 });
  await drafts.send(ID, 'reply');
  fake.overrides['message.send'] = refuse('conflict', 'already-sent');
  expect(await drafts.send(ID, 'reply')).toBe(true);
  expect(part().text).toBe('');
  delete fake.overrides['message.send'];
  drafts.edit(ID, 'reply', { text: 'another', caret: 7 });
  await drafts.send(ID, 'reply');
  const [first, again, other] = asked('message.send') as { messageId: string; commandId: string }[];
  expect(again).toMatchObject({ messageId: first!.messageId, commandId: first!.commandId });
  expect(other!.messageId).not.toBe(first!.messageId);
});

test('INV-10 a text that comes back after its box was emptied is not taken for the try that came to nothing', async () => {
  const { fake, drafts, asked } = await openStore();
  fake.overrides['message.send'] = refuse('offline', 'core-unreachable');
  drafts.edit(ID, 'reply', { text: 'mai giao', caret: 8 });
  await drafts.send(ID, 'reply');
  // It reached the core all the same; the relay refuses it, and the agent has it put back to send it once more.
  drafts.edit(ID, 'reply', { text: '', caret: 0 });
  delete fake.overrides['message.send'];
  drafts.edit(ID, 'reply', { text: 'mai giao', caret: 8 });
  expect(await drafts.send(ID, 'reply')).toBe(true);
  const [first, again] = asked('message.send') as { messageId: string; commandId: string }[];
  expect(again!.commandId).not.toBe(first!.commandId);
  expect(again!.messageId).not.toBe(first!.messageId);
});

test('a file over 10 MB and an empty one are refused in words; a good one arrives whole, in pieces', async () => {
  const { fake, drafts, part, asked } = await openStore();
  const content = 'ab'.repeat(100_000);
  const huge = new File([new Uint8Array(MAX_FILE_BYTES + 1)], 'huge.bin');
  await drafts.addFiles(ID, 'reply', [huge, new File([], 'empty.txt'), new File([content], 'good.txt')]);
  expect(part().uploads.map((one) => one.error?.reason)).toEqual(['file-too-large', 'file-empty']);
  expect(part().attachments).toMatchObject([{ name: 'good.txt', size: 200_000 }]);
  expect(asked('file.append')).toHaveLength(4);
  const { fileId } = part().attachments[0]!;
  expect(atob(fake.files.read(fileId, 0, 200_000).content)).toBe(content);
});

test('a file taken back while it is read does not come back', async () => {
  const { drafts, part } = await openStore();
  const adding = drafts.addFiles(ID, 'reply', [new File(['x'.repeat(200_000)], 'a.txt')]);
  drafts.removeUpload(ID, 'reply', part().uploads[0]!.id);
  await adding;
  expect(part()).toMatchObject({ uploads: [], attachments: [] });
});

/** A store whose core already has a draft of this text, not read yet. */
async function openUnread(text: string) {
  const fake = new FakeCore({ now: () => 1_736_150_400_000 });
  fake.drafts.set(`${ID}|reply`, { conversationId: ID, kind: 'reply', text, caret: 2, attachments: [] });
  return openStore(fake, false);
}

test('what is typed before the draft is known stands behind it, with the caret where it was, and both are saved', async () => {
  const { fake, clock, drafts, part } = await openUnread('Dạ chị chờ em');
  const loading = drafts.load(ID);
  drafts.edit(ID, 'reply', { text: 'xin chào', caret: 3 });
  await loading;
  expect(part()).toMatchObject({ text: 'Dạ chị chờ em\nxin chào', caret: 'Dạ chị chờ em\n'.length + 3 });
  clock.advance(250);
  await waitFor(() => expect(fake.drafts.get(`${ID}|reply`)?.text).toBe('Dạ chị chờ em\nxin chào'));
});

test('typed text that goes on with a space goes on in the same line; nothing typed leaves the draft as it was', async () => {
  const { drafts, part } = await openUnread('Dạ chị');
  const loading = drafts.load(ID);
  drafts.edit(ID, 'reply', { text: ' chờ em', caret: 7 });
  await loading;
  expect(part()).toMatchObject({ text: 'Dạ chị chờ em', caret: 13 });
  const other = await openUnread('Dạ chị');
  await other.drafts.load(ID);
  expect(other.part()).toMatchObject({ text: 'Dạ chị', caret: 2 });
});

test('a draft that was never read is not saved over, also where reading fails at first', async () => {
  const { fake, clock, drafts, part, asked } = await openUnread('trước đó');
  fake.overrides['draft.get'] = refuse('offline', 'core-unreachable');
  drafts.edit(ID, 'reply', { text: 'mới', caret: 3 });
  drafts.flush(ID);
  await waitFor(() => expect(drafts.getState().drafts[ID]!.saveError).not.toBeNull());
  expect(asked('draft.save')).toEqual([]);
  delete fake.overrides['draft.get'];
  clock.advance(1000);
  await waitFor(() => expect(fake.drafts.get(`${ID}|reply`)?.text).toBe('trước đó\nmới'));
  expect(part().text).toBe('trước đó\nmới');
});

test('what is sent before the draft is known is sent alone, and the draft is in the box afterwards', async () => {
  const { drafts, part, asked } = await openUnread('chưa gửi');
  drafts.edit(ID, 'reply', { text: 'nhanh', caret: 5 });
  const loading = drafts.load(ID);
  expect(await drafts.send(ID, 'reply')).toBe(true);
  await loading;
  expect(asked('message.send')).toMatchObject([{ text: 'nhanh' }]);
  expect(part()).toMatchObject({ text: 'chưa gửi', isSending: false });
});

test('a text that the core put back comes before what was typed while it did', async () => {
  const { fake, drafts, part } = await openStore();
  drafts.edit(ID, 'reply', { text: 'đã lưu', caret: 6 });
  drafts.flush(ID);
  await waitFor(() => expect(fake.drafts.get(`${ID}|reply`)?.text).toBe('đã lưu'));
  fake.drafts.set(`${ID}|reply`, { ...fake.drafts.get(`${ID}|reply`)!, text: 'bị từ chối\nđã lưu' });
  const loading = drafts.load(ID, true);
  drafts.edit(ID, 'reply', { text: 'đã lưu và gõ tiếp', caret: 17 });
  await loading;
  expect(part()).toMatchObject({ text: 'bị từ chối\nđã lưu và gõ tiếp', caret: 11 + 17 });
});

test('an input method that composes keeps its letters: the draft is shown when it is done', async () => {
  const { drafts, part } = await openUnread('cũ');
  const loading = drafts.load(ID);
  drafts.setComposing(ID, true);
  drafts.edit(ID, 'reply', { text: 'tiê', caret: 3 });
  await waitFor(() => expect(part().text).toBe('tiê'));
  drafts.edit(ID, 'reply', { text: 'tiếng', caret: 5 });
  drafts.setComposing(ID, false);
  await loading;
  expect(part().text).toBe('cũ\ntiếng');
});

test('nothing of one agent comes into the boxes of the next', async () => {
  const { drafts } = await openUnread('của người trước');
  const loading = drafts.load(ID);
  drafts.edit(ID, 'reply', { text: 'x', caret: 1 });
  drafts.clear();
  await loading;
  expect(drafts.getState().drafts).toEqual({});
});

/** Another machine's text takes the place of the one in the core. */
function bring(fake: FakeCore, text: string, rest: { edition?: string; attachments?: never[] } = {}): void {
  const known = fake.drafts.get(`${ID}|reply`);
  const draft = { conversationId: ID, kind: 'reply' as const, caret: text.length, attachments: [], edition: 'e1' };
  fake.drafts.set(`${ID}|reply`, { ...draft, ...known, text, caret: text.length, edition: 'e1', ...rest });
}

test('SYNC-O1 what another machine brings takes the place of what is here, and what is typed since says it was seen', async () => {
  const { fake, clock, drafts, part, asked } = await openStore();
  drafts.edit(ID, 'reply', { text: 'here', caret: 4 });
  await drafts.addFiles(ID, 'reply', [new File(['hello'], 'a.txt')]);
  drafts.flush(ID);
  await waitFor(() => expect(fake.drafts.get(`${ID}|reply`)?.attachments).toHaveLength(1));
  await waitFor(() => expect(drafts.getState().drafts[ID]!.reply.uploads).toEqual([]));
  bring(fake, 'here and there', { attachments: [] });
  drafts.changedElsewhere(ID);
  // The file was taken out there.
  await waitFor(() => expect(part()).toMatchObject({ text: 'here and there', caret: 14, attachments: [] }));
  drafts.edit(ID, 'reply', { text: 'here and there, on', caret: 18 });
  clock.advance(250);
  await waitFor(() => expect(asked('draft.save').at(-1)).toMatchObject({ text: 'here and there, on', edition: 'e1' }));
  // Sent over there.
  await waitFor(() => expect(fake.drafts.get(`${ID}|reply`)?.text).toBe('here and there, on'));
  fake.drafts.delete(`${ID}|reply`);
  drafts.changedElsewhere(ID);
  await waitFor(() => expect(part().text).toBe(''));
});

test('INV-10 what is typed while another machine’s text comes stays, behind it', async () => {
  const { fake, drafts, part } = await openStore();
  bring(fake, 'from there');
  drafts.edit(ID, 'reply', { text: 'typed here', caret: 10 });
  drafts.changedElsewhere(ID);
  await waitFor(() => expect(part()).toMatchObject({ text: 'from there\ntyped here' }));
  // A conversation that was not opened is read when it is.
  drafts.changedElsewhere('conversation-1');
  expect(drafts.getState().drafts['conversation-1']).toBeUndefined();
});

test('SYNC-O1 who turns away leaves the draft where another machine finds it', async () => {
  const { fake, drafts, asked } = await openStore();
  drafts.edit(ID, 'reply', { text: 'half a', caret: 6 });
  drafts.leave(ID);
  await waitFor(() => expect(asked('draft.leave')).toEqual([{ conversationId: ID }]));
  const names = fake.requests.map(({ name }) => name);
  expect(names.indexOf('draft.save')).toBeGreaterThan(-1);
  expect(names.indexOf('draft.save')).toBeLessThan(names.indexOf('draft.leave'));
});
