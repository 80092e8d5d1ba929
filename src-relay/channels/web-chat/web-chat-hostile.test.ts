import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SHOP_ORIGIN, WebChatRig, until } from '../../../tests/fakes/web-chat-rig.ts';

const hostileFolder = path.resolve(import.meta.dirname, '../../../../shared/data');

let rig: WebChatRig;

beforeEach(async () => {
  rig = await new WebChatRig().start({ rateLimits: null });
});
afterEach(async () => {
  await rig.dispose();
  expect(rig.mistakes).toEqual([]);
});

test('hostile JSON is refused or harmless, on every call that takes a body', async (context) => {
  const folder = path.join(hostileFolder, 'hostile-json');
  if (!existsSync(folder)) context.skip('the hostile JSON samples are not here');
  const { token } = await rig.makeClient().open();
  const routes = [`/w/v1/${rig.channel.widgetKey}/session`, '/w/v1/messages', '/w/v1/offline', '/w/v1/read'];
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  expect(files.length).toBeGreaterThan(300);
  for (const name of files) {
    const body = new Uint8Array(readFileSync(path.join(folder, name)));
    for (const route of routes) {
      const headers = { 'content-type': 'application/json', origin: SHOP_ORIGIN };
      const { status } = await rig.call('POST', route, { body, token, headers });
      // An empty object asks for a session in its plainest form.
      const isPlain = route.endsWith('/session') && status === 200;
      expect([name, route, isPlain || (status >= 400 && status < 500)]).toEqual([name, route, true]);
    }
  }
  expect(rig.host.received).toHaveLength(0);
});

test('hostile strings pass through as text, each exactly as cleaned', async (context) => {
  const file = path.join(hostileFolder, 'hostile-naughty-strings', 'blns.json');
  if (!existsSync(file)) context.skip('the naughty strings are not here');
  const strings = JSON.parse(readFileSync(file, 'utf8')) as string[];
  const client = rig.makeClient({ afterSeq: 0 });
  const seen: string[] = [];
  client.onMessage((entry) => seen.push(entry.text));
  const { token } = await client.open();
  let taken = 0;
  for (const text of strings) {
    const response = await rig.call('POST', '/w/v1/messages', { token, body: { clientId: crypto.randomUUID(), text } });
    expect([text, response.status === 201 || response.status === 400]).toEqual([text, true]);
    if (response.status === 201) taken += 1;
    const named = await rig.openSession({
      identity: { id: text.slice(0, 128), name: text.slice(0, 120) },
      locale: text.slice(0, 35),
    });
    expect([text, named.status === 200 || named.status === 400]).toEqual([text, true]);
  }
  await until(() => seen.length === taken);
  expect(taken).toBeGreaterThan(450);
});
