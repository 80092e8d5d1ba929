import { afterEach, expect, test } from 'vitest';
import { type WidgetClient, createWidgetClient } from './widget-client.ts';

let client: WidgetClient;
afterEach(() => client.close());

test('who is named while a session is opened for somebody else gets a session too', async () => {
  const asked: (string | undefined)[] = [];
  let answerFirst = () => {};
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (!url.endsWith('/session')) return new Response('{}', { status: 503 });
    const { identity } = JSON.parse(String(init.body)) as { identity?: { id: string } };
    asked.push(identity?.id);
    if (asked.length === 1) {
      await new Promise<void>((resolve) => {
        answerFirst = resolve;
      });
    }
    const feed = { id: identity?.id ?? 'nobody', head: 0, readUpTo: 0, unread: 0 };
    return Response.json({ token: 't', feed, conversation: null });
  };
  client = createWidgetClient({ baseUrl: 'https://relay.example', widgetKey: 'key', transport: 'poll', fetch });
  const opening = client.open();
  // The page has found out meanwhile who its visitor is.
  const identifying = client.identify({ id: 'mai', hash: 'right' });
  answerFirst();
  await opening;
  expect((await identifying).feed.id).toBe('mai');
  expect(asked).toEqual([undefined, 'mai']);
});
