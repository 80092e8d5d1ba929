import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import type { WidgetSession } from '../../../shared/widget-api/session.ts';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { WebChatRig, until } from '../../../tests/fakes/web-chat-rig.ts';

let clock: ManualClock;
let rig: WebChatRig;

beforeEach(async () => {
  clock = new ManualClock();
  rig = await new WebChatRig('/nowhere', clock).start({ rateLimits: null });
});
afterEach(() => rig.dispose());

async function open(): Promise<string> {
  return ((await (await rig.openSession()).json()) as WidgetSession).token;
}

async function send(text: string, token?: string, attachments: string[] = []): Promise<number> {
  const body = { clientId: crypto.randomUUID(), text, attachments };
  return (await rig.call('POST', '/w/v1/messages', { body, token: token ?? (await open()) })).status;
}

test('what the log could not take is taken once it can, though its customer has gone', async () => {
  // The disk is full for a while, and whoever wrote closes the page.
  rig.host.refusals.push(new AppError('retry', 'The relay cannot write now.', { reason: 'storage-failed' }));
  expect(await send('Đơn của tôi đâu?')).toBe(503);
  expect(rig.host.received).toHaveLength(0);
  clock.advance(60_000);
  await until(() => rig.host.received.length === 1);
  expect(rig.host.received[0]).toMatchObject({ text: 'Đơn của tôi đâu?' });
  clock.advance(10 * 60_000);
  expect(await send('Alo')).toBe(201);
  expect(rig.host.received.map(({ text }) => text)).toEqual(['Đơn của tôi đâu?', 'Alo']);
  expect(rig.mistakes).toEqual([]);
});

test('its file is wanted until the log has it', async () => {
  const token = await open();
  const form = new FormData();
  form.append('file', new Blob(['hoá đơn']), 'hoá đơn.txt');
  const upload = await rig.call('POST', '/w/v1/uploads', { body: form, token });
  const { uploadId } = (await upload.json()) as { uploadId: string };
  const [fileId] = [...rig.host.files.keys()];
  // Nobody has sent it yet.
  expect(rig.adapter.awaitsFile!(fileId!)).toBe(false);
  rig.host.refusals.push(new AppError('retry', 'The relay cannot write now.', { reason: 'storage-failed' }));
  expect(await send('Hoá đơn đây', token, [uploadId])).toBe(503);
  expect(rig.adapter.awaitsFile!(fileId!)).toBe(true);
  expect(rig.adapter.awaitsFile!('another')).toBe(false);
  clock.advance(60_000);
  await until(() => rig.host.received.length === 1);
  expect(rig.adapter.awaitsFile!(fileId!)).toBe(false);
});
