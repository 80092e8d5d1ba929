import type { ErrorBody } from '../../shared/errors.ts';
import type { SessionRequest, VisitorIdentity, WidgetSession } from '../../shared/widget-api/session.ts';
import type { ToFrame, ToPage, Wrapped } from '../page-messages.ts';
import { Launcher } from './launcher.ts';
import { openPageStorage } from './page-storage.ts';

type Listener = (detail?: unknown) => void;
type Command = [name: string, ...rest: unknown[]];
interface Liendesk {
  (...command: Command): void;
  /** Commands given before this script ran. */
  q?: ArrayLike<unknown>[];
  isLoaded?: boolean;
}

/** How long a page may go on loading before a known visitor's unread messages are looked for. */
const QUIET_MS = 1_200;
/** A frame that did not come is fetched again after this, then after twice as long each time, up to the longest. */
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;
/** So many times by itself; after that when somebody opens the chat. */
const MOST_RETRIES = 20;
/** Between opening the chat and fetching it again: a `ready` that is on its way comes first. */
const MOMENT_MS = 200;

// One script file for the whole page; the relay it came from is the one it talks to.
run(window as Window & { liendesk?: Liendesk }, findScript());

function findScript(): HTMLScriptElement | null {
  const running = document.currentScript as HTMLScriptElement | null;
  return running ?? document.querySelector('script[data-widget-key][src$="/widget.js"]');
}

function run(page: Window & { liendesk?: Liendesk }, script: HTMLScriptElement | null): void {
  const widgetKey = script?.dataset['widgetKey'];
  if (!script || !widgetKey || page.liendesk?.isLoaded) return;
  // Commands wait for the page's body.
  let waiting: Command[] | null = Array.from(page.liendesk?.q ?? [], (one) => Array.from(one) as Command);
  const command = (...given: Command) => (waiting ? void waiting.push(given) : handle(given));
  page.liendesk = Object.assign(command, { isLoaded: true });

  const options = script.dataset;
  const relay = new URL(script.src).origin;
  const locale = options['locale'] || document.documentElement.lang || navigator.language;
  const storage = openPageStorage(`liendesk:${widgetKey}:`);
  const listeners: [string, Listener][] = [];
  let identity: VisitorIdentity | undefined;
  let frame: HTMLIFrameElement | null = null;
  let isFrameReady = false;
  /** The frame has loaded, and its script, which says `ready` before that, has not. */
  let isFrameBroken = false;
  let fetches = 0;
  let retries = 0;
  let retryTimer: number | undefined;
  /** Counts visitors who signed out here: what was asked for one of them is none of the next one's. */
  let departures = 0;
  let launcher: Launcher;

  const tell = (name: string, detail?: unknown) => {
    for (const [wanted, listener] of listeners) {
      try {
        if (wanted === name) listener(detail);
      } catch (error) {
        console.error(error);
      }
    }
  };
  const post = (message: ToFrame) => {
    const wrapped: Wrapped<ToFrame> = { liendesk: message };
    if (isFrameReady) frame?.contentWindow?.postMessage(wrapped, relay);
  };
  // The fragment tells the frame whom to answer; it is compared with the origins the relay allows. An address that only
  // differed in that, or in nothing, from that of an error page would not be fetched: the number makes it another one.
  const nextAddress = () => {
    fetches += 1;
    return `${relay}/w/v1/frame?key=${encodeURIComponent(widgetKey)}&try=${fetches}#${location.origin}`;
  };
  const retryFrame = (waitMs: number) => {
    clearTimeout(retryTimer);
    retryTimer = window.setTimeout(() => {
      if (!frame || isFrameReady || !isFrameBroken) return;
      isFrameBroken = false;
      // Another `src` would be one more step on the visitor's way back.
      frame.contentWindow?.location.replace(nextAddress());
    }, waitMs);
  };
  const fetchFrame = () => {
    if (frame) return;
    isFrameBroken = false;
    retries = 0;
    frame = launcher.placeFrame(nextAddress());
    // An error page, the relay's or the browser's own, has loaded as well, but never says that it is ready.
    frame.addEventListener('load', () => {
      if (isFrameReady) return;
      isFrameBroken = true;
      if (retries < MOST_RETRIES) retryFrame(Math.min(FIRST_RETRY_MS * 2 ** retries++, LONGEST_RETRY_MS));
    });
  };
  const setOpen = (isOpen: boolean) => {
    if (launcher.isOpen === isOpen) return;
    if (isOpen) {
      fetchFrame();
      retries = 0;
      if (isFrameBroken) retryFrame(MOMENT_MS);
    }
    launcher.setOpen(isOpen);
    post({ type: 'visible', isOpen });
    tell(isOpen ? 'open' : 'close');
  };

  const openSession = async () => {
    const body: SessionRequest = {
      visitorToken: storage.get('visitor'),
      identity,
      locale,
      page: { url: location.href.slice(0, 2000), title: document.title.slice(0, 300) },
    };
    let session: WidgetSession | null = null;
    let error: ErrorBody | null = null;
    const before = departures;
    try {
      const response = await fetch(`${relay}/w/v1/${encodeURIComponent(widgetKey)}/session`, {
        method: 'POST',
        credentials: 'omit',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as WidgetSession & ErrorBody;
      if (response.ok) session = answer;
      else error = answer;
    } catch {
      error = { kind: 'offline', origin: 'widget', message: 'The relay cannot be reached.', retryable: true };
    }
    if (before !== departures) return;
    if (session) {
      if (session.visitorToken) storage.set('visitor', session.visitorToken);
      launcher.setAccent(options['accent'] || session.config.accentColor);
    }
    if (error) console.warn('liendesk:', error.message);
    post({ type: 'session', session, error });
  };

  const hear = (message: ToPage) => {
    switch (message.type) {
      case 'ready':
        isFrameReady = true;
        post({
          type: 'start',
          locale,
          stored: storage.get('store'),
          isKnown: storage.get('visitor') !== '',
          isOpen: launcher.isOpen,
        });
        tell('ready');
        break;
      case 'session':
        void openSession();
        break;
      case 'store':
        storage.set('store', message.value);
        break;
      case 'unread':
        launcher.setUnread(message.count);
        tell('unread', message.count);
        break;
      case 'message':
        tell('message', { author: message.author, text: message.text });
        break;
      case 'close':
        setOpen(false);
    }
  };

  function handle([name, first, second]: Command): void {
    switch (name) {
      case 'open':
      case 'close':
        setOpen(name === 'open');
        break;
      case 'toggle':
        setOpen(!launcher.isOpen);
        break;
      case 'identify':
        identity = first as VisitorIdentity;
        post({ type: 'identify' });
        break;
      case 'reset':
        setOpen(false);
        departures += 1;
        identity = undefined;
        storage.set('visitor', '');
        storage.set('store', '');
        launcher.removeFrame();
        launcher.setUnread(0);
        frame = null;
        isFrameReady = false;
        break;
      case 'on':
        listeners.push([String(first), second as Listener]);
        break;
      default:
        console.warn('liendesk: no such command:', name);
    }
  }

  const begin = () => {
    launcher = new Launcher({
      locale,
      accent: options['accent'] || '',
      isLeft: options['position'] === 'left',
      hasButton: options['launcher'] !== 'none',
    });
    launcher.onPress(() => setOpen(!launcher.isOpen));
    launcher.onApproach(fetchFrame);
    page.addEventListener('message', ({ origin, source, data }: MessageEvent<Partial<Wrapped<ToPage>> | null>) => {
      if (origin === relay && frame && source === frame.contentWindow && data?.liendesk) hear(data.liendesk);
    });
    const given = waiting ?? [];
    waiting = null;
    for (const one of given) handle(one);
    if (storage.get('visitor')) setTimeout(fetchFrame, QUIET_MS);
  };
  if (document.body) begin();
  else document.addEventListener('DOMContentLoaded', begin);
}
