import { afterEach, expect, test, vi } from 'vitest';
import { FakeCore } from '../../tests/fakes/fake-core.ts';
import { ManualClock, seededRandom } from '../../tests/fakes/manual-clock.ts';
import { AppError } from '../../shared/errors.ts';
import { CoreClient } from '../core-client/core-client.ts';
import { createDraftsStore } from './drafts.ts';
import { createFileStore } from './files.ts';
import { MAX_FILE_BYTES } from './uploads.ts';

const ID = 'conversation-0';
const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

async function openStore(fake = new FakeCore({ now: () => 1_736_150_400_000 })) {
  const clock = new ManualClock();
  const core = new CoreClient(async () => fake.openPort(), clock);
  stops.push(() => core.stop());
  core.start();
  await vi.waitFor(() => expect(core.link).toBe('up'));
  const drafts = createDraftsStore(core, clock, seededRandom(7), createFileStore(core));
  const part = (kind: 'reply' | 'note' = 'reply') => drafts.getState().drafts[ID]![kind];
  const asked = (name: string) => fake.requests.filter((one) => one.name === name).map((one) => one.input);
  await drafts.load(ID);
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
  await vi.waitFor(() => expect(asked('draft.save').length).toBeGreaterThanOrEqual(2));
  clock.advance(250);
  await vi.waitFor(() => expect(asked('draft.save').at(-1)).toMatchObject({ text: 'x'.repeat(10), caret: 10 }));
});

test('reply and note are two texts, with caret and files, and come back in another window', async () => {
  const { fake, drafts } = await openStore();
  drafts.edit(ID, 'reply', { text: 'to the customer', caret: 6 });
  drafts.edit(ID, 'note', { text: 'for us', caret: 3 });
  await drafts.addFiles(ID, 'reply', [new File(['hello'], 'a.txt')]);
  drafts.flushAll();
  await vi.waitFor(() => expect(fake.drafts.size).toBe(2));
  const other = await openStore(fake);
  expect(other.part('reply')).toMatchObject({ text: 'to the customer', caret: 6, attachments: [{ name: 'a.txt' }] });
  expect(other.part('note')).toMatchObject({ text: 'for us', caret: 3 });
});

test('a text that could not be saved is said to be unsaved, and saved as soon as it can be', async () => {
  const { fake, clock, drafts } = await openStore();
  fake.overrides['draft.save'] = refuse('offline', 'disk-full');
  drafts.edit(ID, 'reply', { text: 'precious', caret: 8 });
  clock.advance(250);
  await vi.waitFor(() => expect(drafts.getState().drafts[ID]!.saveError).toMatchObject({ reason: 'disk-full' }));
  delete fake.overrides['draft.save'];
  clock.advance(1000);
  await vi.waitFor(() => expect(fake.drafts.get(`${ID}|reply`)?.text).toBe('precious'));
  await vi.waitFor(() => expect(drafts.getState().drafts[ID]!.saveError).toBeNull());
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
