import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const RELAY = 'https://relay.example';
type Command = (...command: unknown[]) => void;

let answerSession: (body: object) => void;

beforeEach(async () => {
  vi.resetModules();
  delete (window as unknown as { liendesk?: Command }).liendesk;
  document.head.replaceChildren();
  document.body.replaceChildren();
  vi.stubGlobal(
    'fetch',
    () =>
      new Promise((resolve) => {
        answerSession = (body) => resolve({ ok: true, json: async () => body });
      }),
  );
  const script = document.createElement('script');
  script.src = `${RELAY}/widget.js`;
  script.dataset['widgetKey'] = 'key-1';
  script.type = 'text/plain';
  document.head.append(script);
  await import('./loader.ts');
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const commandOf = () => (window as unknown as { liendesk: Command }).liendesk;

function frameOnPage(): HTMLIFrameElement {
  return document.querySelector('div')!.shadowRoot!.querySelector('iframe')!;
}

/** What the frame says to the page. */
function say(message: object): void {
  const frame = frameOnPage();
  const event = { origin: RELAY, source: frame.contentWindow, data: { liendesk: message } };
  window.dispatchEvent(Object.assign(new Event('message'), event));
}

test('a visitor who signs out while their session is opened leaves nothing for the next', async () => {
  const command = commandOf();
  command('identify', { id: 'mai', hash: 'right' });
  command('open');
  say({ type: 'ready' });
  say({ type: 'session' });
  command('reset');
  answerSession({ token: 't', visitorToken: 'secret of mai', config: { accentColor: '#000000' } });
  await new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
  expect(localStorage.getItem('liendesk:key-1:visitor')).toBeNull();
});

/** Where the page sent its frame after the first address: jsdom goes nowhere. */
function noteAddresses(): string[] {
  const addresses: string[] = [];
  const replace = (url: string) => void addresses.push(url);
  const contentWindow = { location: { replace }, postMessage: () => undefined };
  vi.spyOn(HTMLIFrameElement.prototype, 'contentWindow', 'get').mockReturnValue(contentWindow as unknown as Window);
  return addresses;
}

const loadFrame = () => frameOnPage().dispatchEvent(new Event('load'));

/** A visitor closes the chat and opens it again, and waits a little. */
function openAgain(): void {
  const command = commandOf();
  command('close');
  command('open');
  vi.advanceTimersByTime(1_000);
}

test('a frame that came without its script is asked for at another address each time, at most a minute apart', () => {
  vi.useFakeTimers();
  const addresses = noteAddresses();
  commandOf()('open');
  const waits: number[] = [];
  for (const start = Date.now(); waits.length <= addresses.length && waits.length < 100;) {
    const before = waits.reduce((sum, wait) => sum + wait, start);
    loadFrame();
    while (vi.getTimerCount() > 0) vi.advanceTimersToNextTimer();
    waits.push(Date.now() - before);
  }
  // It is given up in the end, until somebody wants to chat.
  expect(waits.pop()).toBe(0);
  expect(waits).toHaveLength(20);
  expect(waits.slice(0, 7)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  expect(Math.max(...waits)).toBe(60_000);
  openAgain();
  expect(addresses).toHaveLength(21);
  loadFrame();
  vi.advanceTimersByTime(2_000);
  expect(addresses).toHaveLength(22);
  const all = [frameOnPage().src, ...addresses].map((address) => new URL(address));
  expect(new Set(all.map((url) => url.pathname + url.search)).size).toBe(23);
  expect(all.every((url) => url.searchParams.get('key') === 'key-1' && url.hash === `#${location.origin}`)).toBe(true);
});

test('whoever opens the chat does not wait for the next time, nor is what they asked for asked for twice', () => {
  vi.useFakeTimers();
  const addresses = noteAddresses();
  commandOf()('open');
  for (const waitMs of [2_000, 4_000, 8_000, 16_000]) {
    loadFrame();
    vi.advanceTimersByTime(waitMs);
  }
  expect(addresses).toHaveLength(4);
  loadFrame();
  openAgain();
  expect(addresses).toHaveLength(5);
  // However long it takes to come.
  openAgain();
  vi.advanceTimersByTime(600_000);
  expect(addresses).toHaveLength(5);
});

test('a frame that is ready is never fetched again, whichever of its two signs is seen first', () => {
  vi.useFakeTimers();
  const addresses = noteAddresses();
  const command = commandOf();
  command('open');
  loadFrame();
  command('close');
  command('open');
  say({ type: 'ready' });
  loadFrame();
  openAgain();
  vi.advanceTimersByTime(600_000);
  expect(addresses).toEqual([]);
});
