import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { WidgetSession } from '../../../shared/widget-api/session.ts';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { WebChatRig } from '../../../tests/fakes/web-chat-rig.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

test('of a visitor who only handed in a file nothing is left in the end', async () => {
  const clock = new ManualClock();
  const rig = await new WebChatRig('/nowhere', clock).start({ rateLimits: null });
  const { token } = (await (await rig.openSession()).json()) as WidgetSession;
  const body = new FormData();
  body.append('file', new Blob(['never sent']), 'a.txt');
  expect((await rig.call('POST', '/w/v1/uploads', { body, token })).status).toBe(201);
  const count = () => {
    const database = new BetterSqlite3(path.join(rig.folder, 'relay.db'), { readonly: true });
    const tables = ['visitor', 'customer', 'upload', 'file'];
    const counts = tables.map((table) => database.prepare(`SELECT count(*) FROM web_chat_${table}`).pluck().get());
    database.close();
    return counts;
  };
  expect(count()).toEqual([1, 1, 1, 1]);
  clock.jumpTo(clock.now() + 91 * DAY_MS);
  clock.advance(DAY_MS);
  expect(count()).toEqual([0, 0, 0, 0]);
  await rig.dispose();
  expect(rig.mistakes).toEqual([]);
});
