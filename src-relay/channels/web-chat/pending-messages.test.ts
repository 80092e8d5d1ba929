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

async function send(text: string): Promise<number> {
  const { token } = (await (await rig.openSession()).json()) as WidgetSession;
  return (await rig.call('POST', '/w/v1/messages', { body: { clientId: crypto.randomUUID(), text }, token })).status;
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
