import { expect, test, vi } from 'vitest';
import type { CoreInput } from '../../../shared/core-api/requests.ts';
import { putAgent, receive, sentTexts } from '../../../tests/fakes/desk-writes.ts';
import type { HubRig } from '../../../tests/fakes/hub-rig.ts';
import type { LinkedCore } from '../../../tests/fakes/linked-core.ts';
import { useLinkedCores } from '../../../tests/fakes/linked-cores.ts';
import { Cache } from '../cache/cache.ts';

const { openRig: openBareRig, openCore, kill } = useLinkedCores();
const PAUSE_MS = 4000;

/** A relay with a conversation, and two machines of one agent. */
async function openDesk() {
  const rig = await openBareRig(['lan', 'minh']);
  await receive(rig, { text: 'alo', newConversationId: 'k1' });
  const here = await openCore(rig);
  const there = await openCore(rig);
  return { rig, here, there };
}

async function type(core: LinkedCore, text: string, rest: Partial<CoreInput<'draft.save'>> = {}): Promise<void> {
  const draft = { conversationId: 'k1', kind: 'reply' as const, text, caret: text.length, attachments: [], ...rest };
  await core.request('draft.save', draft);
}

const read = async (core: LinkedCore) => (await core.request('draft.get', { conversationId: 'k1' })).reply;
const textOf = async (core: LinkedCore) => (await read(core))?.text ?? null;
const isMarked = async (core: LinkedCore) =>
  (await core.request('conversation.list', { filter: { view: 'open' } })).items[0]?.hasDraft;

async function writesIn(rig: HubRig): Promise<string[]> {
  const events = await rig.eventLog.readEvents(0, 10_000);
  return events
    .flatMap(({ changes }) => changes.map(({ type: what }) => what))
    .filter((what) => what.startsWith('draft'));
}

test('SYNC-O1 SYNC-U1 a draft follows its agent to another machine, and nobody else', async () => {
  const { rig, here, there } = await openDesk();
  const minh = await openCore(rig, 'minh');
  await type(here, 'Dạ');
  await type(here, 'Dạ chị');
  expect(await textOf(there)).toBeNull();
  await here.pass(PAUSE_MS);
  // One event for what was typed until the pause.
  expect(await writesIn(rig)).toEqual(['draft-written']);
  expect(await read(there)).toMatchObject({ text: 'Dạ chị', caret: 6, kind: 'reply' });
  expect([await isMarked(there), await isMarked(minh)]).toEqual([true, false]);
  expect(there.pushes('draftChanged')).toEqual([{ conversationId: 'k1' }]);
  expect(here.pushes('draftChanged')).toEqual([]);
  expect(await textOf(minh)).toBeNull();

  // The agent turns to the other machine: at once.
  await type(here, 'Dạ chị, em');
  await here.request('draft.leave', { conversationId: 'k1' });
  await here.pass(100);
  expect(await textOf(there)).toBe('Dạ chị, em');
  const { edition } = (await read(there))!;
  await type(there, 'Dạ chị, em gửi ạ', { edition });
  await there.pass(PAUSE_MS);
  expect(await textOf(here)).toBe('Dạ chị, em gửi ạ');

  // Sent at one, it is gone at both.
  await there.request('message.send', { conversationId: 'k1', text: 'Dạ chị, em gửi ạ' });
  await type(there, '', { edition });
  await there.pass(100);
  expect([await textOf(here), await isMarked(here), await isMarked(there)]).toEqual([null, false, false]);
  expect(await sentTexts(rig)).toEqual(['Dạ chị, em gửi ạ']);
});

test('ROW-C1 lists show how a draft begins, the newer of reply and note, as of the last pause, also after a restart', async () => {
  const { here, there } = await openDesk();
  const start = async (core: LinkedCore) =>
    (await core.request('conversation.list', { filter: { view: 'open' } })).items[0]?.draftStart;
  expect(await start(here)).toBe('');
  await type(here, 'Dạ  chị\nHoa');
  await here.pass(PAUSE_MS);
  expect([await start(here), await start(there)]).toEqual(['Dạ chị Hoa', 'Dạ chị Hoa']);
  // Not with every letter: whoever turns away sees it.
  const changes = () => here.pushes('changed').length;
  const before = changes();
  await type(here, 'Dạ chị Hoa ơi');
  expect(changes()).toBe(before);
  await here.request('draft.leave', { conversationId: 'k1' });
  await here.pass(100);
  expect(await start(here)).toBe('Dạ chị Hoa ơi');
  await type(here, `${'x'.repeat(118)} 👩‍👩‍👧‍👦 nhé`, { kind: 'note' });
  await here.request('draft.leave', { conversationId: 'k1' });
  await here.pass(100);
  expect(await start(here)).toBe(`${'x'.repeat(118)} `);
  const again = await kill(here);
  expect(await start(again)).toBe(`${'x'.repeat(118)} `);
  await type(again, '', { kind: 'note' });
  await type(again, '');
  expect(await start(again)).toBe('');
});

test('ROW-C1 once a reply went out, lists show the note that is still being written', async () => {
  const { here } = await openDesk();
  const start = async () =>
    (await here.request('conversation.list', { filter: { view: 'open' } })).items[0]?.draftStart;
  await type(here, 'hỏi kho', { kind: 'note' });
  await here.pass(PAUSE_MS);
  here.cut();
  await type(here, 'Dạ còn ạ');
  await here.pass(PAUSE_MS);
  expect(await start()).toBe('Dạ còn ạ');
  await here.request('message.send', { conversationId: 'k1', text: 'Dạ còn ạ' });
  expect(await start()).toBe('hỏi kho');
});

test('INV-10 a reply that went out is not given as a draft, however long a list takes to show how it begins', async () => {
  const { rig, here, there } = await openDesk();
  await type(here, 'Dạ còn ạ');
  const held = Promise.withResolvers<void>();
  const showing = vi.spyOn(Cache.prototype, 'setDraft').mockImplementationOnce(() => held.promise);
  try {
    await type(here, 'Dạ còn ạ, chị ơi');
    await here.pass(PAUSE_MS);
    expect(showing).toHaveBeenCalled();
    await here.request('message.send', { conversationId: 'k1', text: 'Dạ còn ạ, chị ơi' });
  } finally {
    held.resolve();
    showing.mockRestore();
  }
  await here.pass(PAUSE_MS);
  expect([await textOf(here), await textOf(there)]).toEqual([null, null]);
  expect(await sentTexts(rig)).toEqual(['Dạ còn ạ, chị ơi']);
});

test('SYNC-O1 over a restart of both, and of a machine that comes later', async () => {
  const { rig, here, there } = await openDesk();
  await type(here, 'đang viết');
  // Before the pause was over.
  const again = await kill(here);
  await again.pass(1000);
  expect(await textOf(there)).toBe('đang viết');
  expect(await textOf(await kill(there, { isOffline: true }))).toBe('đang viết');
  const third = await openCore(rig);
  expect([await textOf(third), await isMarked(third)]).toEqual(['đang viết', true]);
});

test('INV-10 SYNC-O1 written on both machines while they are offline: both texts are kept, on both', async () => {
  const { rig, here, there } = await openDesk();
  await type(here, 'chung');
  await here.pass(PAUSE_MS);
  for (const core of [here, there]) core.cut();
  const { edition } = (await read(there))!;
  await type(here, 'ở quầy');
  await type(here, 'ở quầy, nhiều chữ');
  await type(there, 'ở nhà', { edition });
  await here.pass(60_000);
  expect([await textOf(here), await textOf(there)]).toEqual(['ở quầy, nhiều chữ', 'ở nhà']);
  // It waits in the outbox, and is nothing that the agent has to wait for.
  expect(await here.request('sync.status')).toMatchObject({ pendingCount: 0 });
  here.reconnect();
  await here.pass(60_000);
  there.reconnect();
  await there.pass(60_000);
  const both = 'ở quầy, nhiều chữ\nở nhà';
  expect([await textOf(here), await textOf(there)]).toEqual([both, both]);
  expect(await writesIn(rig)).toHaveLength(3);
});

test('SYNC-O1 a text that is being typed is not replaced by what another machine brings', async () => {
  const { here, there } = await openDesk();
  await type(here, 'từ đây');
  await type(there, 'từ kia');
  await there.request('draft.leave', { conversationId: 'k1' });
  await here.pass(500);
  expect(await textOf(here)).toBe('từ đây');
  await here.pass(PAUSE_MS);
  expect([await textOf(here), await textOf(there)]).toEqual(['từ kia\ntừ đây', 'từ kia\ntừ đây']);
  // A window that has not read it yet saves what it has: what it did not see stays.
  await type(here, 'từ đây, tiếp', { edition: null });
  await here.pass(PAUSE_MS);
  expect(await textOf(there)).toContain('từ kia');
  expect(await textOf(there)).toContain('từ đây, tiếp');
});

test('SYNC-O1 what was sent or cleared here does not come back before what a window begins afterwards', async () => {
  const { rig, here, there } = await openDesk();
  await type(here, 'Dạ rồi ạ');
  await here.pass(PAUSE_MS);
  const { edition } = (await read(there))!;
  there.cut();
  await there.request('message.send', { conversationId: 'k1', text: 'Dạ rồi ạ' });
  await type(there, '', { edition });
  // A window that was opened since then knows of no text, and so of none of another machine either.
  expect(await read(there)).toBeNull();
  await type(there, 'Chị cần gì nữa không?', { edition: null });
  there.reconnect();
  await there.pass(60_000);
  expect(await sentTexts(rig)).toEqual(['Dạ rồi ạ']);
  const texts = [await textOf(here), await textOf(there)];
  expect(texts).toEqual(['Chị cần gì nữa không?', 'Chị cần gì nữa không?']);
});

test('SYNC-O1 a reply is not kept waiting by drafts, and what waits is counted without them', async () => {
  const { rig, here } = await openDesk();
  for (const index of Array.from({ length: 12 }, (_, one) => one)) {
    await receive(rig, { text: 'alo', customerId: `c${index}`, newConversationId: `n${index}` });
  }
  await here.pass(1000);
  here.cut();
  for (const index of Array.from({ length: 12 }, (_, one) => one)) {
    await type(here, `nháp ${index}`, { conversationId: `n${index}` });
  }
  await here.request('message.send', { conversationId: 'k1', text: 'trả lời' });
  here.reconnect();
  const before = here.said.length;
  await here.pass(60_000);
  const submits = here.said.slice(before).flatMap(({ name, message }) => (name === 'submit' ? [message] : []));
  const types = submits.map(({ submissions }) => submissions.map(({ command }) => command.type));
  expect(types[0]).toContain('message.send');
  // One draft at a time behind it.
  expect(Math.max(...types.map((batch) => batch.filter((one) => one === 'draft.write').length))).toBe(1);
  expect(types.flat().filter((one) => one === 'draft.write')).toHaveLength(12);
  expect((await here.request('outbox.list')).entries).toEqual([]);
});

test('SYNC-O1 of a draft that was given and not sent yet only the newest goes out', async () => {
  const { rig, here, there } = await openDesk();
  await receive(rig, { text: 'alo', customerId: 'c2', newConversationId: 'k2' });
  await here.pass(1000);
  here.cutSilently();
  // The first is under way, and nobody knows that it will not arrive; the second waits behind it.
  const place = { conversationId: 'k2' };
  await type(here, 'một');
  await here.request('draft.leave', { conversationId: 'k1' });
  for (const text of ['hai', 'hai ba', 'hai ba bốn']) {
    await type(here, text, place);
    await here.request('draft.leave', place);
    await here.pass(50);
  }
  here.reconnect();
  await here.pass(60_000);
  const submits = here.said.flatMap(({ name, message }) => (name === 'submit' ? message.submissions : []));
  const written = submits.filter(({ command }) => command.subjects.includes('draft:k2:lan:reply'));
  expect(written.map(({ command }) => (command.args as { text: string }).text)).toEqual(['hai ba bốn']);
  expect((await there.request('draft.get', place)).reply?.text).toBe('hai ba bốn');
  expect(await textOf(there)).toBe('một');
});

test('SYNC-O1 SYNC-R4 a draft that is refused stays where it was typed, and needs nobody’s attention', async () => {
  const { rig, here, there } = await openDesk();
  await type(here, 'đã gửi đi');
  await here.pass(PAUSE_MS);
  here.cut();
  await type(here, 'sau đó');
  await putAgent(rig, 'lan', { queueIds: [] });
  here.reconnect();
  await here.pass(60_000);
  expect(await here.request('sync.status')).toMatchObject({ state: 'online', pendingCount: 0, attentionCount: 0 });
  expect(await textOf(here)).toBe('sau đó');
  expect(await textOf(await kill(here))).toBe('sau đó');
  expect(await textOf(there)).toBe('đã gửi đi');
});

test('SYNC-O1 SYNC-R4 what the relay refuses stays too, and is given again when it may be', async () => {
  const { rig, here, there } = await openDesk();
  // It has not heard yet that it may not.
  here.dropFrames = true;
  await putAgent(rig, 'lan', { queueIds: [] });
  await type(here, 'chưa biết');
  await here.request('draft.leave', { conversationId: 'k1' });
  await here.pass(500);
  expect(here.heard.flatMap(({ name, message }) => (name === 'results' ? message.results : []))).toMatchObject([
    { ok: false, error: { kind: 'forbidden' } },
  ]);
  here.dropFrames = false;
  await here.pass(60_000);
  expect(await here.request('sync.status')).toMatchObject({ pendingCount: 0, attentionCount: 0 });
  expect([await textOf(here), await textOf(there)]).toEqual(['chưa biết', null]);
  await putAgent(rig, 'lan');
  const again = await kill(here);
  await again.pass(1000);
  await there.pass(1000);
  expect(await textOf(there)).toBe('chưa biết');
});

test('SYNC-O1 what is too long for a message stays on its machine', async () => {
  const { rig, here } = await openDesk();
  const long = 'x'.repeat(33 * 1024);
  await type(here, long);
  await here.pass(PAUSE_MS);
  expect(await textOf(here)).toBe(long);
  expect(await writesIn(rig)).toEqual([]);
  expect(await here.request('sync.status')).toMatchObject({ attentionCount: 0, pendingCount: 0 });
});

test('SYNC-O1 what was taken back for a text that is too long is not what the next one goes on from', async () => {
  const { rig, here, there } = await openDesk();
  await receive(rig, { text: 'alo', customerId: 'c2', newConversationId: 'k2' });
  await here.pass(1000);
  const place = { conversationId: 'k2' };
  const give = async (text: string): Promise<void> => {
    await type(here, text, place);
    await here.request('draft.leave', place);
    await here.pass(50);
  };
  await give('gốc');
  here.cutSilently();
  // The first is under way; what is given of the second waits behind it.
  await type(here, 'một');
  await here.request('draft.leave', { conversationId: 'k1' });
  await give('gốc, sửa');
  await give('x'.repeat(33 * 1024));
  await give('khác hẳn');
  here.reconnect();
  await here.pass(60_000);
  expect((await there.request('draft.get', place)).reply?.text).toBe('khác hẳn');
});
