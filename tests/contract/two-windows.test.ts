import { afterEach, expect, test } from 'vitest';
import type { FromCoreFrame, ToCoreFrame } from '../../shared/core-api/port.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import type { AgentCore } from '../../src-main/core/agent-core.ts';
import { CoreClient } from '../../src-renderer/core-client/core-client.ts';
import { createDraftsStore } from '../../src-renderer/stores/drafts.ts';
import { createFileStore } from '../../src-renderer/stores/files.ts';
import { attachView } from '../fakes/console-process.ts';
import { ManualClock, seededRandom } from '../fakes/manual-clock.ts';
import { useScriptedConsoles } from '../fakes/scripted-consoles.ts';
import { settle } from '../fakes/scripted-relay.ts';

// Two windows on one core, each with the texts it shows: the real ones on both sides.
const { signedIn } = useScriptedConsoles();
const ID = 'k1';
const clients: CoreClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.stop();
});

async function openWindow(core: AgentCore) {
  const clock = new ManualClock();
  const client = new CoreClient(async () => {
    const toWindow = new Subscribable<FromCoreFrame>();
    const toCore = new Subscribable<ToCoreFrame>();
    core.attach({
      send: (frame) => queueMicrotask(() => toWindow.publish(frame)),
      onFrame: (listener) => toCore.subscribe(listener),
      onClose: () => () => undefined,
      close: () => undefined,
    });
    return {
      send: (frame) => queueMicrotask(() => toCore.publish(frame as ToCoreFrame)),
      onFrame: (listener) => toWindow.subscribe(listener),
      onClose: () => () => undefined,
      close: () => undefined,
    };
  }, clock);
  clients.push(client);
  client.start();
  await settle();
  const drafts = createDraftsStore(client, clock, seededRandom(7), createFileStore(client));
  client.onPush('draftChanged', ({ conversationId }) => drafts.changedElsewhere(conversationId));
  await drafts.load(ID);
  return {
    drafts,
    text: () => drafts.getState().drafts[ID]!.reply.text,
    /** Types, and lets the window save. */
    type: async (text: string) => {
      drafts.edit(ID, 'reply', { text, caret: text.length });
      clock.advance(250);
      await settle();
    },
  };
}

test('INV-10 what is written in one window is never saved over by another one', async () => {
  const { console } = await signedIn();
  const [one, other] = [await openWindow(console.core), await openWindow(console.core)];
  await one.type('Dạ em chào chị,');
  expect(other.text()).toBe('Dạ em chào chị,');
  await other.type(`${other.text()} đơn đã gửi`);
  await one.type(`${one.text()} rồi ạ`);
  expect((await console.request('draft.get', { conversationId: ID })).reply?.text).toBe(
    'Dạ em chào chị, đơn đã gửi rồi ạ',
  );
  expect(other.text()).toBe(one.text());
});

test('what was sent from one window does not wait to be sent once more in another', async () => {
  const { relay, console } = await signedIn();
  const [one, other] = [await openWindow(console.core), await openWindow(console.core)];
  await one.type('Dạ rồi ạ');
  expect(await one.drafts.send(ID, 'reply')).toBe(true);
  await settle();
  expect(relay.link.submitted()).toHaveLength(1);
  expect(other.text()).toBe('');
});

test('a window that is closed before it hears that its text was taken does not show it when it is opened again', async () => {
  const { console } = await signedIn();
  const one = await openWindow(console.core);
  await one.type('Dạ rồi');
  // The last letters and the key that sends, and the window is gone.
  await console.request('message.send', { conversationId: ID, text: 'Dạ rồi ạ' });
  expect((await openWindow(console.core)).text()).toBe('');
  await one.type('Dạ rồi ạ, còn nữa');
  await console.request('message.send', { conversationId: ID, text: 'khác' });
  expect((await openWindow(console.core)).text()).toBe('Dạ rồi ạ, còn nữa');
});

test('INV-10 a refused text that goes back into the box is not saved over by another window', async () => {
  const { relay, console } = await signedIn();
  const other = await openWindow(console.core);
  const { commandId } = await console.request('message.send', { conversationId: ID, text: 'bị từ chối' });
  await settle();
  relay.link.refuse(commandId, { kind: 'stale', reason: 'conversation-moved-on' });
  await settle();
  await console.request('attention.resolve', { commandId, action: 'edit' });
  await settle();
  expect(other.text()).toBe('bị từ chối');
  await other.type(`${other.text()}, sửa lại`);
  expect((await console.request('draft.get', { conversationId: ID })).reply?.text).toBe('bị từ chối, sửa lại');
});

test('a window does not hear of what it saved itself, nor another of what changed nothing', async () => {
  const { console } = await signedIn();
  const other = attachView(console.core);
  const draft = { conversationId: ID, kind: 'reply' as const, caret: 0, attachments: [], edition: null };
  await console.request('draft.save', { ...draft, text: 'một' });
  await console.request('draft.save', { ...draft, text: 'một', caret: 3 });
  await console.request('draft.save', { ...draft, kind: 'note', text: '' });
  expect(other.pushes('draftChanged')).toEqual([{ conversationId: ID }]);
  expect(console.pushes('draftChanged')).toEqual([]);
});
