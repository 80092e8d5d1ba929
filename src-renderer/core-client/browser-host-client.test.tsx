import { afterEach, expect, test, vi } from 'vitest';
import { FakeCore } from '../../tests/fakes/fake-core.ts';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import { createBrowserHostClient } from './browser-host-client.ts';
import { CoreClient } from './core-client.ts';

afterEach(() => vi.unstubAllGlobals());

function makeHost() {
  const clock = new ManualClock();
  const fake = new FakeCore({ now: () => clock.now() });
  const core = new CoreClient(async () => fake.openPort(), clock);
  core.start();
  return { fake, host: createBrowserHostClient(core) };
}

class FakeNotification extends EventTarget {
  static permission: NotificationPermission = 'granted';
  static shown: FakeNotification[] = [];
  readonly title: string;
  constructor(title: string) {
    super();
    this.title = title;
    FakeNotification.shown.push(this);
  }
  close(): void {}
}

test('only web addresses are opened, in a window that cannot reach back', async () => {
  const { host } = makeHost();
  const open = vi.fn();
  vi.stubGlobal('open', open);
  await expect(host.request('host.openExternal', { url: 'javascript:alert(1)' })).rejects.toMatchObject({
    kind: 'unsupported',
    details: { reason: 'address-not-web' },
  });
  await host.request('host.openExternal', { url: 'https://shop.example/don-hang' });
  expect(open.mock.calls).toEqual([['https://shop.example/don-hang', '_blank', 'noopener,noreferrer']]);
});

test('a click on a notification asks for its conversation', async () => {
  const { host } = makeHost();
  vi.stubGlobal('Notification', FakeNotification);
  vi.stubGlobal('focus', () => {});
  vi.spyOn(document, 'hasFocus').mockReturnValue(false);
  const opened: string[] = [];
  const stop = host.onPush('openConversation', ({ conversationId }) => opened.push(conversationId));
  const notice = { title: 'Lan', body: 'Shop ơi', conversationId: 'conversation-7' };
  expect(await host.request('host.notify', notice)).toEqual({ isShown: true });
  FakeNotification.shown[0]!.dispatchEvent(new Event('click'));
  stop();
  FakeNotification.shown[0]!.dispatchEvent(new Event('click'));
  expect(opened).toEqual(['conversation-7']);

  FakeNotification.permission = 'default';
  expect(await host.request('host.notify', notice)).toEqual({ isShown: false });
  vi.restoreAllMocks();
});

test('what the browser does not do goes to the host', async () => {
  const { fake, host } = makeHost();
  await host.request('host.describe', {});
  expect(fake.requests.map(({ name }) => name)).toEqual(['host.describe']);
});
