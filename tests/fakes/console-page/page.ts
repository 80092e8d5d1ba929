/**
 * The console on a fake core, for looking at views without a relay:
 * `node_modules/.bin/vite --config tests/fakes/console-page/vite.config.ts`, then `/?theme=dark&language=en`, with
 * `&scene=full`, `&scene=long&messages=10000` or `&scene=hostile` for what the first conversation holds.
 */
import { browserClock, browserRandom } from '../../../src-renderer/core-client/browser-clock.ts';
import { CoreClient } from '../../../src-renderer/core-client/core-client.ts';
import { createBrowserHostClient } from '../../../src-renderer/core-client/browser-host-client.ts';
import { renderConsole } from '../../../src-renderer/render-console.tsx';
import { scheduleBrowserFrame } from '../../../src-renderer/stores/frame-schedule.ts';
import { FakeCore } from '../fake-core.ts';
import {
  makeAttention,
  makeFullConversation,
  makeHostileConversation,
  makeLongConversation,
  makeLostAttention,
  makeOutbox,
} from '../fake-messages.ts';
import { makeFakeWorkspace } from '../fake-workspace.ts';
import { makePicture } from './make-picture.ts';

const wishes = new URLSearchParams(location.search);
const fake = new FakeCore({
  now: () => Date.now(),
  workspace: makeFakeWorkspace(Date.now(), Number(wishes.get('count') ?? 46)),
  isSignedIn: !wishes.has('signed-out'),
  settings: {
    'ui.theme': wishes.get('theme') ?? 'light',
    'ui.language': wishes.get('language') ?? 'vi',
    'ui.tabs': {
      tabs: (wishes.get('tabs') ?? '0,1,2')
        .split(',')
        .filter(Boolean)
        .map((number) => ({ conversationId: `conversation-${number}`, scroll: null })),
      activeId: wishes.get('tabs') === '' ? null : `conversation-${(wishes.get('tabs') ?? '0').split(',')[0]}`,
    },
  },
});
const { workspace } = fake;
const now = Date.now();
switch (wishes.get('scene')) {
  case 'full': {
    const picture = fake.files.put('ao-khoac-rach-tay.png', 'image/png', makePicture());
    const document = fake.files.put('Biên nhận giao hàng tháng 11.pdf', 'application/pdf', 'x'.repeat(184_320));
    const messages = makeFullConversation(workspace, 'conversation-0', now, { picture, document });
    workspace.messages.set('conversation-0', messages);
    Object.assign(workspace.conversations[0]!, {
      isUnread: true,
      seenPosition: 18_000,
      tags: ['giao-hang', 'doi-tra'],
    });
    fake.attention = [...makeAttention(workspace, now), ...makeLostAttention(workspace, now)];
    fake.outbox = makeOutbox(workspace, now);
    const { attention, outbox } = fake;
    const oldestPendingAt = outbox[0]!.createdAt;
    fake.setStatus({ attentionCount: attention.length, pendingCount: outbox.length, oldestPendingAt });
    break;
  }
  case 'long': {
    const count = Number(wishes.get('messages') ?? 10_000);
    workspace.messages.set('conversation-0', makeLongConversation(workspace, 'conversation-0', now, count));
    break;
  }
  case 'hostile':
    workspace.messages.set('conversation-0', makeHostileConversation(workspace, 'conversation-0', now));
    break;
  default:
}
const status = wishes.get('status');
if (status !== null) fake.setStatus(JSON.parse(status) as Partial<typeof fake.status>);
const core = new CoreClient(async () => fake.openPort(), browserClock);
const early = new Map<string, string>([
  [
    'liendesk.settings',
    JSON.stringify({ theme: wishes.get('theme') ?? 'light', language: wishes.get('language') ?? 'vi' }),
  ],
]);

Object.assign(window, { fake });
await renderConsole(document.getElementById('root')!, {
  core,
  host: createBrowserHostClient(core),
  clock: browserClock,
  random: browserRandom,
  scheduleFrame: scheduleBrowserFrame,
  earlyCopy: {
    getItem: (key) => early.get(key) ?? null,
    setItem: (key, value) => void early.set(key, value),
  },
});
