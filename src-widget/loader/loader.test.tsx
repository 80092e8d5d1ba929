import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const RELAY = 'https://relay.example';
type Command = (...command: unknown[]) => void;

let answerSession: (body: object) => void;

beforeEach(async () => {
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

afterEach(() => vi.unstubAllGlobals());

/** What the frame says to the page. */
function say(message: object): void {
  const frame = document.querySelector('div')!.shadowRoot!.querySelector('iframe')!;
  const event = new MessageEvent('message', {
    origin: RELAY,
    source: frame.contentWindow,
    data: { liendesk: message },
  });
  window.dispatchEvent(event);
}

test('a visitor who signs out while their session is opened leaves nothing for the next', async () => {
  const command = (window as unknown as { liendesk: Command }).liendesk;
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
